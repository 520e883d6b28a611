/** deploy/compose.yaml, as far as it can be judged without an engine: what it names is there, and the order can come true. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { hashOfToken, parseTokenFile } from '../../src/runtime/configuration/token-list.ts'
import { source } from '../cli/program.ts'
import { describeWithPromtool } from './promtool.ts'

interface ComposeService {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly restart: string
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly stop_grace_period?: string
  readonly deploy: {
    readonly replicas?: number
    readonly resources: { readonly limits: { readonly cpus: string; readonly memory: string; readonly pids: number } }
  }
}

const deploy = join(import.meta.dirname, '..', '..', 'deploy')
const read = (path: string) => readFileSync(join(deploy, path), 'utf8')
const { services, volumes } = parse(read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, null>>
}
const each = Object.entries(services)
const mounts = each.flatMap(([name, service]) =>
  (service.volumes ?? []).map((volume) => {
    const [from, to, mode = 'rw'] = volume.split(':')
    return { name, from, to, mode }
  }),
)

describe.each(each)('%s', (_, service) => {
  test('is of a named release', () => {
    expect(service.image).toMatch(/^[a-z.]+\/[a-z/-]+:v?\d+\.\d+\.\d+(-[a-z]+)?$/)
  })

  test('has limits of processors, memory and processes', () => {
    const { cpus, memory, pids } = service.deploy.resources.limits
    expect(Number(cpus)).toBeGreaterThan(0)
    expect(memory).toMatch(/^\d+m$/)
    expect(pids).toBeGreaterThan(0)
  })

  test('is reached from this machine alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('is told no secret by the environment', () => {
    const secret = Object.keys(service.environment ?? {}).filter((name) => /PASSWORD|SECRET|TOKEN/.test(name))
    expect(secret.filter((name) => !name.endsWith('__FILE'))).toEqual([])
  })

  test('waits for what says when it is there', () => {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = services[name]
      const once = other.restart === 'no'
      expect([name, condition]).toEqual([name, once ? 'service_completed_successfully' : 'service_healthy'])
      expect(once || (other.healthcheck?.test?.length ?? 0) > 1).toBe(true)
    }
  })
})

test('no two services listen on one port of the machine', () => {
  const ports = each.flatMap(([, { ports = [] }]) =>
    ports.flatMap((port) => {
      const [first, last = first] = port.split(':')[1].split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    }),
  )
  expect(new Set(ports).size).toBe(ports.length)
  const { replicas = 1 } = services.shoal.deploy
  expect(ports.filter((port) => port >= 9404 && port < 9500).length).toBeGreaterThanOrEqual(replicas)
})

test('everything that is mounted is there, and no service can change a file of the project', () => {
  for (const { from, mode } of mounts.filter(({ from }) => from.startsWith('.'))) {
    expect([from, existsSync(join(deploy, from)), mode]).toEqual([from, true, 'ro'])
  }
  const named = mounts.filter(({ from }) => !from.startsWith('.')).map(({ from }) => from)
  expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort())
})

test('a secret can be read by whom it is for, and written by whom makes it', () => {
  const holders = mounts.filter(({ from }) => from.startsWith('secrets-'))
  expect(holders.filter(({ mode }) => mode !== 'ro').every(({ name }) => name === 'secrets')).toBe(true)
  const reads = (name: string) =>
    holders.filter((mount) => mount.name === name && mount.mode === 'ro').map(({ from }) => from)
  for (const name of ['redis', 'prometheus', 'grafana', 'shoal']) expect(reads(name)).toEqual([`secrets-${name}`])
})

test('the image is built of the Dockerfile that is here, and its file system cannot be written', () => {
  for (const name of ['shoal', 'generator', 'secrets']) {
    const { build } = services[name]
    expect(existsSync(join(deploy, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true)
    expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
  }
})

describe('what is mounted fits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-compose-'))
  const make = (...more: readonly string[]) =>
    execFileSync(process.execPath, [join(deploy, 'compose', 'secrets.mjs'), folder, source, ...more], {
      encoding: 'utf8',
    })
  const secret = (path: string) => readFileSync(join(folder, path), 'utf8')
  beforeAll(() => {
    make()
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('the configuration is valid with the secrets that are made, and stops within the grace of its service', () => {
    const text = read('compose/shoal.yaml').replaceAll('/run/secrets', join(folder, 'shoal'))
    const { worker, kafka, registry, redis } = loadConfiguration({ text, env: {} })
    expect(worker.shutdownMs).toBeLessThan(Number.parseInt(services.shoal.stop_grace_period ?? '', 10) * 1000)
    const hosts = [kafka.brokers[0].split(':')[0], new URL(String(registry?.url)).hostname]
    expect(hosts.every((host) => host in services)).toBe(true)
    expect(JSON.stringify(redis)).toContain('redis://redis:6379')
  })

  test('Prometheus and the operator have tokens that Shoal knows, each with its role', () => {
    const parsed = parseTokenFile(secret('shoal/tokens.yaml'))
    const tokens = 'tokens' in parsed ? parsed.tokens : []
    const roleOf = (file: string) => tokens.find(({ hash }) => hash.equals(hashOfToken(secret(file))))?.role
    expect([roleOf('prometheus/shoal.token'), roleOf('shoal/operator.token')]).toEqual(['read', 'operate'])
  })

  test('Redis knows the hash of the password alone, and lets nobody without it do more than ask whether it lives', () => {
    expect(secret('redis/users.acl')).not.toContain(secret('shoal/redis-password'))
    expect(secret('redis/users.acl')).toMatch(/^user default on nopass nocommands \+ping$/m)
  })

  test('what is secret is made once, printed on demand alone, and never writable', () => {
    const before = secret('shoal/tokens.yaml')
    expect(make()).toBe('')
    expect(make('--show').trim()).toBe(secret('shoal/operator.token'))
    expect(secret('shoal/tokens.yaml')).toBe(before)
    expect(statSync(join(folder, 'shoal/redis-password')).mode & 0o222).toBe(0)
  })
})

test('Prometheus scrapes the replicas where they listen, and its rules are mounted', () => {
  const { scrape_configs, rule_files } = parse(read('compose/prometheus.yml'))
  expect(scrape_configs[0].dns_sd_configs[0]).toMatchObject({ names: ['shoal'], port: 9404 })
  const inside = mounts.filter(({ name }) => name === 'prometheus').map(({ to }) => to)
  for (const file of rule_files) expect(inside).toContain(file)
})

await describeWithPromtool('promtool', (promtool) => {
  test('finds the configuration right', async () => {
    const file = join(deploy, 'compose', 'prometheus.yml')
    const { code, said } = await promtool(['check', 'config', '--syntax-only', file])
    expect([code, said]).toEqual([0, expect.stringContaining('is valid prometheus config file')])
  })
})
