/** The promises of ARCHITECTURE.md on the embedded log: what holds here is held on real Kafka by test/stack. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fileSnapshots } from '../../src/adapters/file/file-snapshots.ts'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { fingerprintFromBytes } from '../../src/core/codec/fingerprint.ts'
import { decodeModel, encodeModel } from '../../src/core/codec/model-codec.ts'
import type { Model } from '../../src/core/model/model.ts'
import { emptyScores, freeze, score } from '../../src/core/score/scorer.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { foldRecord } from '../../src/stages/train.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import {
  d,
  decodeAssignment,
  fingerprint,
  type ReadRecord,
  type RunningService,
  readTopic,
  run,
  settingsFor,
  until,
} from './harness.ts'

const partitions = 4
const events = 6_000
const broken = 60
const settings = settingsFor('model', 'events')
const rows = clusteredRows(events, d, 4, 11)
const started: RunningService[] = []
const folders: string[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

async function inputOf(log: EventLog): Promise<void> {
  await log.prepare([{ topic: 'events', partitions, cleanup: 'delete', owner: 'shoal' }], true)
  await log.publish((outputs) => {
    for (let i = 0; i < events; i++) {
      const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
      const isBroken = i % (events / broken) === 7
      const value = Buffer.from(isBroken ? `{"id":"e${i}",` : `{"id":"e${i}",${fields}}`)
      const partition = i % partitions
      outputs.append({ topic: 'events', partition, key: Buffer.from(`k${i}`), value, timestamp: 1_000_000 + i })
    }
  })
}

function start(cluster: MemoryCluster, folder: string): RunningService {
  const service = run(settings, cluster.client(), fileSnapshots({ folder, historyLimit: 10 }))
  started.push(service)
  return service
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-'))
  folders.push(folder)
  return folder
}

async function worked(log: EventLog): Promise<void> {
  let lags = ''
  await until(
    async () => {
      if ((await log.describe(settings.topics.modelUpdates)) === null) return false
      const input = await lagOf(log, settings.name, 'events')
      const updates = await lagOf(log, `${settings.name}.train`, settings.topics.modelUpdates)
      lags = `lag ${[...input.values()]} of the input, ${[...updates.values()]} of the updates`
      return [...input.values()].every((lag) => lag === 0) && (await folded(log))
    },
    () => lags,
  )
}

/** The newest published version holds every update. */
async function folded(log: EventLog): Promise<boolean> {
  const updates = await readTopic(log, settings.topics.modelUpdates)
  const models = await readTopic(log, settings.topics.models)
  const newest = models.at(-1)
  return newest !== undefined && modelOf(newest).version === updates.length + 1
}

function modelOf(record: ReadRecord): Model {
  if (record.value === null) throw new Error('a version has a value')
  const decoded = decodeModel(record.value.subarray(wireHeaderBytes), fingerprint)
  if ('refused' in decoded) throw new Error(decoded.detail)
  return decoded.value
}

describe('the pipeline on the embedded log', () => {
  test('gives every valid event one assignment and every invalid one a dead letter, in order, whoever dies', async () => {
    const cluster = new MemoryCluster({ clock: systemClock, sessionTimeoutMs: 300, transactionTimeoutMs: 500 })
    const log = cluster.client()
    await inputOf(log)
    const folder = newFolder()
    const first = start(cluster, folder)
    start(cluster, folder)
    await until(
      async () => first.follower.current() !== null,
      () => first.health.line(),
    )
    await first.stop()
    started.splice(started.indexOf(first), 1)
    start(cluster, folder)
    await worked(log)

    const assignments = await readTopic(log, settings.topics.assignments)
    const letters = await readTopic(log, settings.topics.deadLetters)
    const input = await readTopic(log, 'events')
    const expectValid = input.filter((record) => record.value?.toString().endsWith('}'))
    expect(assignments.length).toBe(expectValid.length)
    expect(letters.length).toBe(broken)
    assignments.forEach((record, i) => {
      const assignment = decodeAssignment(record)
      const source = expectValid[i]
      expect([assignment.partition, assignment.offset]).toEqual([source.partition, source.offset])
      expect([record.partition, record.key, record.timestamp]).toEqual([source.partition, source.key, source.timestamp])
      expect(fingerprintFromBytes(assignment.fingerprint)).toBe(fingerprint)
    })
    const header = (record: ReadRecord, name: string) =>
      Buffer.from(record.headers.find((h) => h.name === name)?.value ?? []).toString()
    for (const letter of letters) {
      const at = Number(header(letter, deadLetterHeaders.offset))
      const source = input.find((r) => r.partition === letter.partition && r.offset === at)
      expect(letter.value?.equals(source?.value ?? Buffer.alloc(0))).toBe(true)
    }
  })

  test('keeps a model that is the fold of the committed updates, bit for bit, in log and snapshot', async () => {
    const cluster = new MemoryCluster({ clock: systemClock })
    const log = cluster.client()
    await inputOf(log)
    const folder = newFolder()
    const service = start(cluster, folder)
    await worked(log)
    await service.stop()
    started.splice(0)

    const models = await readTopic(log, settings.topics.models)
    const model = modelOf(models[0])
    for (const record of await readTopic(log, settings.topics.modelUpdates)) {
      expect(foldRecord(model, record.value, record.offset)).toEqual({ outcome: 'learned', damaged: null })
    }
    const newest = models.at(-1)?.value
    expect(newest?.subarray(wireHeaderBytes).equals(encodeModel(model))).toBe(true)
    const snapshot = await fileSnapshots({ folder, historyLimit: 10 }).latest(settings.name)
    expect(newest?.equals(snapshot?.bytes ?? Buffer.alloc(0))).toBe(true)
  })

  test('makes assignments that can be recomputed, bit for bit, from the version that each names', async () => {
    const cluster = new MemoryCluster({ clock: systemClock })
    const log = cluster.client()
    await inputOf(log)
    start(cluster, newFolder())
    await worked(log)

    const versions = new Map(
      (await readTopic(log, settings.topics.models)).map((r) => [modelOf(r).version, modelOf(r)]),
    )
    const scores = emptyScores(1)
    for (const record of await readTopic(log, settings.topics.assignments)) {
      const assignment = decodeAssignment(record)
      const model = versions.get(assignment.modelVersion)
      if (model === undefined) throw new Error(`version ${assignment.modelVersion} is nowhere`)
      const row = rows.subarray(Number(assignment.eventId.slice(1)) * d, (Number(assignment.eventId.slice(1)) + 1) * d)
      score(freeze(model), row, 1, scores)
      expect([assignment.cluster, assignment.distance, assignment.score]).toEqual([
        model.ids[scores.labels[0]],
        scores.distances[0],
        1 - scores.rarities[0],
      ])
    }
    expect(versions.size).toBeGreaterThan(1)
  })

  test('does not learn twice from the events that the model was born from', async () => {
    const cluster = new MemoryCluster({ clock: systemClock })
    const log = cluster.client()
    await inputOf(log)
    start(cluster, newFolder())
    await worked(log)
    const newest = modelOf((await readTopic(log, settings.topics.models)).at(-1) as ReadRecord)
    expect(newest.trainedEvents).toBe(events - broken)
  })

  test('publishes a young model whenever it has learned a quarter more, however much time and however many events a version may wait', async () => {
    const cluster = new MemoryCluster({ clock: systemClock })
    const log = cluster.client()
    await inputOf(log)
    const patient = { publishEveryMs: 3_600_000, publishEveryEvents: 1e12, limit: { maxEvents: 50, maxBytes: 1 << 20 } }
    const service = run(settingsFor('model', 'events', patient), cluster.client(), null)
    started.push(service)
    const learned = () => service.follower.current()?.scorer.model.trainedEvents ?? 0
    await until(
      () => 1.25 * learned() > events - broken,
      () => `a version that has learned nearly all: the newest has learned ${learned()}`,
    )
    const counts = (await readTopic(log, settings.topics.models)).map((record) => modelOf(record).trainedEvents)
    // The birth is followed by a version at once, whatever it holds.
    counts.slice(2).forEach((count, i) => {
      expect(count).toBeGreaterThanOrEqual(1.25 * counts[i + 1])
    })
    expect(counts.length).toBeGreaterThan(3)
  })
})
