/** A drift that learning is frozen for by policy, on the real servers, and the process that froze it killed after it. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { avroReader } from '../stages/batches.ts'
import { readCommitted } from './independent-reader.ts'
import { differing, type VersionsInLog, versionsInLog } from './model-proof.ts'
import { serversYaml } from './servers-yaml.ts'
import { type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

const calm = 8000
const shifted = 4000
const afterwards = 4000
const deadlineMs = 60_000

interface Told {
  readonly kind: string
  readonly reaction: string
  readonly currentVersion: number
}

describeWith(['kafka', 'registry', 'redis'], 'a drift that learning is frozen for', (addresses) => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-reaction-'))
  const file = join(folder, 'shoal.yaml')
  const rows = join(folder, 'rows.csv')
  const name = `reaction-${randomUUID().slice(0, 8)}`
  const processes: ShoalProcess[] = []
  let inLog: VersionsInLog
  let told: readonly Told[]

  beforeAll(async () => {
    writeFileSync(
      file,
      `name: ${name}
input: { topic: ${name}-rows, format: json, time: null }
features: [{ field: x, transform: none }, { field: y, transform: none }]
clusters: { k: 4 }
drift: { reactions: { featureOnly: freeze } }
models: { publishEveryMs: 100, publishEveryEvents: 1000 }
worker: { maxEventsPerTransaction: 500 }
${serversYaml(addresses, ', sessionTimeoutMs: 6000, heartbeatIntervalMs: 500')}`,
    )
    const configuration = loadConfiguration({ path: file, env: {} })
    const random = new Random(3)
    const written = async (count: number, x: number) => {
      const lines = Array.from({ length: count }, () => `${random.gaussian() + x},${random.gaussian()}`)
      writeFileSync(rows, ['x,y', ...lines, ''].join('\n'))
      await shoal('produce', rows, '--config', file, '--partitions', '1')
    }
    const worker = async (worker: string) => {
      processes.push(await startShoal(`${name}-${worker}`, file))
      return processes.at(-1)!
    }
    await written(calm, 0)
    await written(shifted, 3)
    const first = await worker('first')
    const isFrozen = async () => (await first.metric('shoal_commands_total', 'kind="freeze"', 'outcome="obeyed"')) === 1
    await until(isFrozen, () => `learning is frozen. It has said: ${first.said()}`, deadlineMs)
    first.signal('SIGKILL')
    await first.ended
    await written(afterwards, 3)
    const second = await worker('second')
    // Of the 500 that a transaction holds at most there are eight. It trains later than it scores: each group waits for the dead.
    const isDone = async () => (await second.metric('shoal_updates_folded_total')) >= afterwards / 500
    await until(isDone, () => `what came afterwards is folded. It has said: ${second.said()}`, deadlineMs)
    second.signal('SIGTERM')
    await second.ended
    const { models, modelUpdates, driftEvents } = configuration.topics
    const committed = await readCommitted(addresses.kafka, name, [models, modelUpdates, driftEvents])
    const [[born], [updates], [events]] = [models, modelUpdates, driftEvents].map((topic) => committed.records(topic))
    inLog = versionsInLog(born, updates, configuration.fingerprint)
    const read = avroReader<Told>('drift-event')
    told = events.map(({ value }) => read(value!))
  }, 4 * deadlineMs)

  afterAll(() => {
    for (const process of processes) process.signal('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  test('is told once with what is done about it, and that is done once', () => {
    expect(told.filter(({ kind }) => kind.startsWith('drift.'))).toMatchObject([
      { kind: 'drift.featureOnly', reaction: 'freeze' },
    ])
    expect(told.filter(({ kind }) => kind.startsWith('command.')).map(({ kind }) => kind)).toEqual(['command.freeze'])
  })

  test('holds for whoever comes after: no centroid moves any more, in versions that go on being published', () => {
    const frozen = [...inLog.folded.values()].filter(({ model }) => model.control.deeds.length > 0)
    expect(frozen.length).toBeGreaterThan(4)
    const [first] = frozen
    for (const { model } of frozen) expect(model.clusters.mean).toEqual(first.model.clusters.mean)
    const newest = Math.max(...inLog.published.keys())
    expect(newest).toBeGreaterThan(first.model.version + 4)
  })

  test('every published version is the fold of the log, bit for bit', () => {
    expect(inLog.published.size).toBeGreaterThan(4)
    expect(differing(inLog)).toEqual([])
  })
})
