/** The audit on a real Kafka: what was done and refused is there, whoever was killed, and what is forged is found. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { AuditView } from '../../src/runtime/views/audit-view.ts'
import { valueAt } from '../../src/stages/records.ts'
import { withAdmin } from '../kafka-admin.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { serversYaml } from './servers-yaml.ts'
import { attempt, type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

const events = 4000
const why = ['--reason', 'the feed is in cents', '--by', 'Zoë', '--wait', '60s'] as const

describeWith(['kafka', 'registry', 'redis'], 'the audit of a service', (addresses) => {
  const name = `audit-${randomUUID().slice(0, 8)}`
  const folder = mkdtempSync(join(tmpdir(), 'shoal-audit-'))
  const config = join(folder, 'shoal.yaml')
  const running: ShoalProcess[] = []
  let token: string
  let records: readonly AuditView[]

  function configure(budget: number): void {
    writeFileSync(
      config,
      `name: ${name}
input: { topic: ${name}-rows, format: json, time: null }
features: [{ field: x, transform: none }, { field: y, transform: none }]
clusters: { k: 4 }
anomalies: { budget: ${budget} }
${serversYaml(addresses, ', sessionTimeoutMs: 9000')}http: { tokensFile: ${join(folder, 'tokens.yaml')} }
`,
    )
  }

  async function start(which: string): Promise<ShoalProcess> {
    const process = await startShoal(`${name}-${which}`, config)
    running.push(process)
    await until(
      async () => (await process.health()) === 'ready: serving',
      () => `a model that serves. It has said: ${process.said()}`,
      90_000,
    )
    return process
  }

  const model = (...args: readonly string[]) => shoal('model', ...args, ...why, '--config', config)
  const audit = async (...args: readonly string[]) => attempt(['audit', ...args, '--config', config])

  async function read(): Promise<readonly AuditView[]> {
    const { stdout } = await audit('--json', '--limit', '1000')
    const views = stdout.trimEnd().split('\n')
    return views.map((line) => JSON.parse(line) as AuditView).reverse()
  }

  beforeAll(async () => {
    configure(0.005)
    const made = JSON.parse((await shoal('token', '--name', 'grafana', '--role', 'read', '--json')).stdout)
    token = made.token
    writeFileSync(join(folder, 'tokens.yaml'), `tokens:\n  - ${JSON.stringify(made.entry)}\n`)
    const random = new Random(3)
    const lines = Array.from({ length: events }, () => `${random.gaussian()},${random.gaussian()}`)
    writeFileSync(join(folder, 'rows.csv'), ['x,y', ...lines, ''].join('\n'))
    await shoal('produce', join(folder, 'rows.csv'), '--config', config, '--partitions', '1')
    const first = await start('first')
    await model('freeze')
    await model('resume')
    const authorization = `Bearer ${token}`
    expect((await fetch(`${first.url}/v1/model`)).status).toBe(401)
    expect((await fetch(`${first.url}/v1/model`, { headers: { authorization } })).status).toBe(200)
    const command = { method: 'POST', headers: { authorization, 'content-type': 'application/json' } }
    expect(
      (await fetch(`${first.url}/v1/commands`, { ...command, body: '{"kind":"freeze","reason":"x"}' })).status,
    ).toBe(403)
    await until(
      async () => (await read()).filter(({ kind }) => kind === 'access').length === 2,
      () => 'the refused accesses in the audit',
    )
    first.signal('SIGKILL')
    await first.ended
    configure(0.01)
    await start('second')
    await model('rollback', '--to', '1')
    await until(
      async () => (await read()).filter(({ kind }) => kind === 'configuration').length === 2,
      () => 'the second configuration in the audit',
    )
    records = await read()
  }, 300_000)

  afterAll(async () => {
    for (const process of running) process.signal('SIGKILL')
    await Promise.all(running.map(({ ended }) => ended))
    rmSync(folder, { recursive: true })
    await withAdmin(addresses.kafka, async (admin) => {
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(name))
      await admin.deleteTopics({ topics })
    })
  })

  const told = (...kinds: readonly string[]) =>
    records
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ what, outcome, by, reason }) => [what, outcome, by, reason])

  test('has each command as it was given, and once as the model came to it, with who and why', () => {
    const reason = why[1]
    expect(told('birth', 'command', 'rollback')).toEqual([
      ['birth', 'promoted', 'shoal', ''],
      ['freeze', 'given', 'Zoë', reason],
      ['freeze', 'obeyed', 'Zoë', reason],
      ['resume', 'given', 'Zoë', reason],
      ['resume', 'obeyed', 'Zoë', reason],
      ['rollback', 'given', 'Zoë', reason],
      ['rollback', 'promoted', 'Zoë', reason],
    ])
    expect(records.find(({ kind }) => kind === 'rollback')?.facts.targetVersion).toBe('1')
  })

  test('has who was refused, from where, and the role that was missing', () => {
    expect(told('access')).toEqual([
      ['GET /v1/model', 'refused', 'unknown', ''],
      ['POST /v1/commands', 'refused', 'grafana', ''],
    ])
    expect(records.filter(({ kind }) => kind === 'access').map(({ facts }) => facts.needed)).toEqual([
      'read',
      'operate',
    ])
  })

  test('has the configurations that differ, and in what', () => {
    const configurations = records.filter(({ kind }) => kind === 'configuration')
    expect(configurations[0].facts.name).toBe(JSON.stringify(name))
    expect(configurations[1].differs).toEqual(['anomalies.budget'])
    expect(configurations[1].facts['anomalies.budget']).toBe('0.01')
  })

  test('is as it was written; a forged record is found, and named', async () => {
    const sound = await audit('verify', '--json')
    expect([sound.code, JSON.parse(sound.stdout).findings]).toEqual([0, []])
    const { head } = JSON.parse(sound.stdout)
    expect((await audit('verify', '--head', head)).code).toBe(0)
    const offset = await forge()
    const { code, stdout, stderr } = await audit('verify', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout).findings).toEqual([
      { offset, problem: `the record at offset ${offset} is not what its hash was taken of: it was changed` },
    ])
    expect(stderr).toContain(`offset ${offset}`)
  })

  test('shoal status says of the same service that all is well', async () => {
    const { code, stdout } = await attempt(['status', '--config', config])
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Serving version [\d,]+ · 0 events\/s · 0\.0 s behind · 4 clusters · /),
    ])
  })

  /** Writes the first record once more, as if somebody else had been its author; gives its offset. */
  async function forge(): Promise<number> {
    const options = { clientId: 'forger', transactionalId: `${name}-forger`, log: silentLog, clock: systemClock }
    const log = kafkaLog({ brokers: addresses.kafka.split(','), ...options })
    const at = { topic: `${name}.audit`, partition: 0 }
    const stop = new AbortController()
    try {
      for await (const batch of log.follow(at.topic, new Map([[at.partition, 0]]), stop.signal)) {
        if (batch.count === 0) continue
        const value = Buffer.from(valueAt(batch, 0) ?? [])
        value[value.indexOf('shoal') + 1] ^= 1
        await log.publish((outputs) => outputs.append({ ...at, key: null, value, timestamp: Date.now() }))
        break
      }
      return (await log.bounds(at)).end - 1
    } finally {
      stop.abort()
      await log.close()
    }
  }
})
