/** Orders under load on the embedded log, while processes come and go: what they promise, and that all else is still promised. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from '../../src/core/codec/model-codec.ts'
import type { Deed } from '../../src/core/command/control.ts'
import type { Model } from '../../src/core/model/model.ts'
import { emptyScores, freeze, score } from '../../src/core/score/scorer.ts'
import { newestAudit, verifyAudit } from '../../src/runtime/audit/audit-reading.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { giveOrder, type Order } from '../../src/runtime/commanding/orders.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import { auditView } from '../../src/runtime/views/audit-view.ts'
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
  schemaText,
  settingsFor,
  until,
} from './harness.ts'
import { Processes } from './processes.ts'

const partitions = 4
const each = 100
/** One of so many is no event. */
const brokenEach = 50
const mostRows = 40_000
const mostBehind = 2_000
const settings = settingsFor('model', 'events', { limit: { maxEvents: 300, maxBytes: 1 << 20 } })
const { topics } = settings
const rows = clusteredRows(mostRows, d, 4, 11)
const processes = new Processes()
const { log, registry } = processes
const start = () => processes.start(settings)

/** Events of the input that nobody has committed yet. */
async function behind(): Promise<number> {
  return [...(await lagOf(log, settings.name, topics.input)).values()].reduce((sum, lag) => sum + lag, 0)
}

/** Writes events until the signal fires: faster than they are worked off, but not by much. */
async function load(signal: AbortSignal): Promise<void> {
  for (let from = 0; from < mostRows && !signal.aborted; ) {
    await systemClock.sleep(10, signal)
    if ((await behind()) > mostBehind) continue
    await log.publish((outputs) => {
      for (let i = from; i < from + each; i++) {
        const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
        const value = Buffer.from(i % brokenEach === 7 ? `{"id":"e${i}",` : `{"id":"e${i}",${fields}}`)
        outputs.append({ topic: 'events', partition: i % partitions, key: null, value, timestamp: 1_000_000 + i })
      }
    })
    from += each
  }
}

function ordered({ follower, versions, audit }: RunningService, order: Order): Promise<Deed> {
  const giving = { settings, follower, versions, audit, log, registry, schema: schemaText, clock: systemClock }
  const giver = { reason: 'a test', by: 'Zoë', waitMs: 50_000 }
  return giveOrder(giving, giver, order, new AbortController().signal).then((done) => done!.deeds[0]!)
}

const learnedBy = ({ follower }: RunningService) => follower.current()?.scorer.model.trainedEvents ?? 0

async function untilLearned(service: RunningService, events: number): Promise<void> {
  await until(
    () => learnedBy(service) >= events,
    () => `${events} events: ${learnedBy(service)} are learned, ${service.health.line()}`,
  )
}

async function untilIdle(): Promise<void> {
  let lags = ''
  await until(
    async () => {
      const input = await lagOf(log, settings.name, topics.input)
      const updates = await lagOf(log, `${settings.name}.train`, topics.modelUpdates)
      lags = `lag ${[...input.values()]} of the input, ${[...updates.values()]} of the updates`
      return [...input.values(), ...updates.values()].every((lag) => lag === 0)
    },
    () => lags,
  )
}

function modelOf({ value }: ReadRecord): Model {
  const decoded = decodeModel(value!.subarray(wireHeaderBytes), fingerprint)
  if ('refused' in decoded) throw new Error(decoded.detail)
  return decoded.value
}

describe('a rollback, and then a freeze, under load and while processes come and go', () => {
  let target = 0
  let rollback: Deed
  let freezing: Deed
  /** All versions of the log as they were published, and the fold of all its updates, version by version. */
  let published: ReadonlyMap<number, Buffer>
  let folded: ReadonlyMap<number, Model>

  beforeAll(async () => {
    await log.prepare([{ topic: 'events', partitions, cleanup: 'delete', owner: 'shoal' }], true)
    const enough = new AbortController()
    const loading = load(enough.signal)
    const [first, second] = [start(), start()]
    await untilLearned(second, 3000)
    target = second.follower.current()!.scorer.version
    await untilLearned(second, 6000)
    const order = ordered(second, { kind: 'rollback', to: target })
    await processes.stop(first)
    const third = start()
    rollback = await order
    await untilLearned(third, learnedBy(second) + 3000)
    freezing = await ordered(third, { kind: 'freeze' })
    await processes.stop(second)
    const { version } = third.follower.current()!.scorer
    await until(
      () => (third.follower.current()?.scorer.version ?? 0) >= version + 10,
      () => 'ten more versions',
    )
    enough.abort()
    await loading
    await untilIdle()
    await processes.stop(third)

    const models = await readTopic(log, topics.models)
    published = new Map(models.map((record) => [modelOf(record).version, record.value!.subarray(wireHeaderBytes)]))
    const model = modelOf(models[0])
    const all = new Map([[1, structuredClone(model)]])
    for (const { value, offset } of await readTopic(log, topics.modelUpdates)) {
      foldRecord(model, value, offset)
      all.set(model.version, structuredClone(model))
    }
    folded = all
  }, 120_000)

  afterAll(() => processes.stopAll())

  test('gives every valid event one assignment and every invalid one a dead letter, in order', async () => {
    const input = await readTopic(log, 'events')
    const assigned = (await readTopic(log, topics.assignments)).map(decodeAssignment)
    const isValid = ({ value }: ReadRecord) => value!.toString().endsWith('}')
    const due = input.filter(isValid).map(({ partition, offset }) => [partition, offset])
    expect(assigned.map(({ partition, offset }) => [partition, offset])).toEqual(due)
    expect((await readTopic(log, topics.deadLetters)).length).toBe(input.length - due.length)
  })

  test('leaves every published version the fold of the log, bit for bit', () => {
    expect(published.size).toBeGreaterThan(20)
    for (const [version, bytes] of published) expect(bytes.equals(encodeModel(folded.get(version)!))).toBe(true)
  })

  test('lets the version that obeyed it go on from the one that was chosen', () => {
    expect(rollback).toMatchObject({ kind: 'rollback', targetVersion: target, refused: '', by: 'Zoë' })
    const [then, before, after] = [target, rollback.version - 1, rollback.version].map((of) => folded.get(of)!)
    expect(after.clusters).toEqual(then.clusters)
    expect(after.usual.places).toEqual(then.usual.places)
    expect(after.clusters).not.toEqual(before.clusters)
    expect(after.control.undone).toEqual([{ from: target, to: rollback.version - 1 }])
    expect(after.learnedUpTo).toEqual(before.learnedUpTo)
  })

  test('are in the audit with who and why, as they were given and as the model came to them; nothing of it was changed', async () => {
    const { signal } = new AbortController()
    const asked = { limit: 100, sinceMs: 0, kinds: ['command', 'rollback'] } as const
    const told = (await newestAudit(log, topics.audit, asked, signal)).toReversed().map(auditView)
    const who = { by: 'Zoë', reason: 'a test' }
    const facts = expect.objectContaining({ targetVersion: String(target) })
    expect(told).toMatchObject([
      { ...who, what: 'rollback', outcome: 'given', facts },
      { ...who, what: 'rollback', outcome: 'promoted', version: rollback.version, facts },
      { ...who, what: 'freeze', outcome: 'given' },
      { ...who, what: 'freeze', outcome: 'obeyed', version: freezing.version },
    ])
    expect((await verifyAudit(log, topics.audit, null, signal))?.findings).toEqual([])
  })

  test('lets every assignment be made again by the version that it names; those after the rollback are named', async () => {
    const scorers = new Map([...published.keys()].map((version) => [version, freeze(folded.get(version)!)]))
    const scores = emptyScores(1)
    const named = new Set<number>()
    for (const record of await readTopic(log, topics.assignments)) {
      const { eventId, modelVersion, ...assignment } = decodeAssignment(record)
      named.add(modelVersion)
      const scorer = scorers.get(modelVersion)!
      const i = Number(eventId.slice(1))
      score(scorer, rows.subarray(i * d, (i + 1) * d), 1, scores)
      expect([assignment.cluster, assignment.distance, assignment.score]).toEqual([
        scorer.model.ids[scores.labels[0]],
        scores.distances[0],
        1 - scores.rarities[0],
      ])
    }
    const since = [...named].filter((version) => version >= rollback.version && version < freezing.version)
    expect(since.length).toBeGreaterThan(5)
  })

  test('and a frozen model keeps its centroids bit for bit, while events are assigned by its versions', async () => {
    const frozen = folded.get(freezing.version)!
    const since = [...folded.values()].filter(({ version }) => version > freezing.version)
    expect(since.length).toBeGreaterThan(10)
    for (const { clusters, usual } of since) {
      expect(Buffer.from(clusters.mean.buffer).equals(Buffer.from(frozen.clusters.mean.buffer))).toBe(true)
      expect(usual).toEqual(frozen.usual)
    }
    const assigned = (await readTopic(log, topics.assignments)).map(decodeAssignment)
    expect(assigned.some(({ modelVersion }) => modelVersion > freezing.version)).toBe(true)
  })
})
