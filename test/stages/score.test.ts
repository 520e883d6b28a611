import { beforeAll, describe, expect, test } from 'vitest'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import { decodeUpdate } from '../../src/core/codec/update-codec.ts'
import { driftDefaults } from '../../src/core/drift/drift.ts'
import { sampleBounds } from '../../src/core/features/vectorise.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { ColumnStatistics } from '../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import { freeze } from '../../src/core/score/scorer.ts'
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import type { RecordBatch } from '../../src/stages/records.ts'
import { chunkEvents, type ScoreFacts, scoreStage } from '../../src/stages/score.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { feature, jsonVectors, planOf } from '../core/features/vectorising.ts'
import { bornFrom, sampleFingerprint } from '../core/model/sample-model.ts'
import type { Assignment } from '../pipeline/harness.ts'
import { avroReader, batchOf, part, schemaText, type TestRecord, type Written, written } from './batches.ts'

const topics = {
  input: 'in',
  assignments: 'assignments',
  anomalies: 'anomalies',
  deadLetters: 'dead',
  modelUpdates: 'updates',
  shadow: null,
}
const budget = 0.02
const plan = planOf([
  feature('amount', { kind: 'log' }, { missing: 'reject' }),
  feature('at', { kind: 'hourOfDay' }),
  feature('channel', { kind: 'oneHot', values: ['chip', 'online'] }),
  feature('risk', { kind: 'none' }, { missing: 'indicator' }),
])

const random = new Random(12)
const hour = 3_600_000

/** Event i: usual, or now and then unusual or invalid. */
function eventOf(i: number): TestRecord {
  const event = {
    id: i % 5 === 0 ? i : `e${i} é`,
    amount: Math.exp(3 + random.gaussian()),
    at: 20_000 * 24 * hour + (random.below(2) === 0 ? 9 : 18) * hour + hour * random.gaussian(),
    channel: random.below(3) === 0 ? 'online' : 'chip',
    risk: random.below(4) === 0 ? null : random.uniform(),
  }
  const unusual = i % 97 === 0 ? { amount: 1e7, channel: 'pigeon' } : i % 101 === 0 ? { amount: -1e300 } : {}
  const invalid = i % 31 === 0 ? { id: '' } : i % 41 === 0 ? { amount: 'much' } : i % 43 === 0 ? { amount: null } : {}
  const value = i % 53 === 0 ? '{' : i % 59 === 0 ? null : JSON.stringify({ ...event, ...unusual, ...invalid })
  return { key: i % 3 === 0 ? null : `k${i}`, value, timestamp: 1_700_000_000_000 + i }
}

const size = 5000
const firstOffset = 40
const records = Array.from({ length: size }, (_, i) => eventOf(i))
const batch = batchOf(records, 2, firstOffset)
let model: Model

beforeAll(() => {
  const events = records.slice(0, 1000).map(({ value }) => value ?? '')
  const { rows } = jsonVectors(plan, events, sampleBounds(plan.columns.length))
  const sample = bornFrom(plan, Float64Array.from(rows.flat()), rows.length, 6, driftDefaults, budget)
  model = { ...sample, version: 9, bornFrom: [{ partition: 2, from: firstOffset, to: firstOffset + 1000 }] }
})

const stage = scoreStage({
  name: 'cards',
  plan,
  projection: jsonProjection(plan.fields, { maxEventBytes: 4096 }),
  topics,
  schemaIds: { assignment: 3, modelUpdate: 4 },
  limits: { keyBytes: 100, deadLetterBytes: 1_000_000 },
  encodeAnomaly: avroWriter(schemaText('anomaly'), 5),
  topFeatures: 3,
})

interface Outcome {
  readonly facts: ScoreFacts
  readonly of: (topic: string) => Written[]
  readonly update: ModelUpdate | null
}

/** One transaction over the batch, read in batches and dealt with in chunks of these sizes. */
function outcomeOf(source: RecordBatch, batchSize: number, chunkSize: number): Outcome {
  const outputs = new OutputColumns()
  const run = stage(freeze(model))
  for (let at = 0; at < source.count; at += batchSize) {
    const some = part(source, at, Math.min(at + batchSize, source.count))
    for (let chunk = 0; chunk < some.count; chunk += chunkSize) {
      run.score(some, chunk, Math.min(chunk + chunkSize, some.count), outputs)
    }
    run.cover(some)
  }
  run.finish(outputs, 99)
  const all = written(outputs)
  const [update] = all.filter(({ topic }) => topic === topics.modelUpdates)
  return {
    facts: run.facts,
    of: (topic) => all.filter((record) => record.topic === topic),
    update: update === undefined ? null : updateOf(update),
  }
}

function updateOf({ value }: Written): ModelUpdate {
  const decoded = decodeUpdate(value?.subarray(wireHeaderBytes) ?? Buffer.alloc(0))
  if ('refused' in decoded) throw new Error(decoded.detail)
  return decoded.value
}

interface Anomaly extends Assignment {
  readonly threshold: number
  readonly rarity: number
  readonly secondCluster: number | null
  readonly secondDistance: number | null
  readonly contributions: readonly { feature: string; value: unknown; expected: unknown; share: number }[]
}
const assignment = avroReader<Assignment>('assignment')
const anomaly = avroReader<Anomaly>('anomaly')

/** Whether event i is none of the kinds of invalid ones. */
const isValid = (i: number) => [31, 41, 43, 53, 59].every((share) => i % share !== 0)
const offsetHeader = ({ headers }: Written) => Number(Object.fromEntries(headers)[deadLetterHeaders.offset])

/** The same but for rounding. */
function expectClose(a: ColumnStatistics, b: ColumnStatistics): void {
  for (const name of ['mean', 'm2'] as const) {
    a[name].forEach((value, c) => {
      const expected = b[name][c]
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)))
    })
  }
}

describe('a transaction of the score stage', () => {
  let whole: Outcome
  beforeAll(() => {
    whole = outcomeOf(batch, size, chunkEvents)
  })

  test('has one assignment for every valid event and one dead letter for every other, in order', () => {
    const assigned = whole.of(topics.assignments).map(({ value }) => assignment(value).offset - firstOffset)
    const dead = whole.of(topics.deadLetters).map((letter) => offsetHeader(letter) - firstOffset)
    const indices = records.map((_, i) => i)
    expect(assigned).toEqual(indices.filter(isValid))
    expect(dead).toEqual(indices.filter((i) => !isValid(i)))
    expect(whole.facts.valid).toBe(assigned.length)
    expect([...whole.facts.invalid.values()].reduce((sum, count) => sum + count, 0)).toBe(dead.length)
    expect([...whole.facts.invalid.keys()].sort()).toEqual(
      ['malformed', 'missing_field', 'out_of_range', 'tombstone', 'wrong_type'].sort(),
    )
  })

  test('keeps key, timestamp and partition of each event', () => {
    for (const record of whole.of(topics.assignments)) {
      const { offset, eventId, partition } = assignment(record.value)
      const i = offset - firstOffset
      expect(eventId).toBe(i % 5 === 0 ? `${i}` : `e${i} é`)
      expect([partition, record.partition, record.key, record.timestamp]).toEqual([
        2,
        2,
        records[i].key,
        records[i].timestamp,
      ])
    }
    for (const letter of whole.of(topics.deadLetters)) {
      const { key, value, timestamp } = records[offsetHeader(letter) - firstOffset]
      expect([letter.partition, letter.key, letter.value?.toString() ?? null, letter.timestamp]).toEqual([
        2,
        key,
        value,
        timestamp,
      ])
    }
  })

  test('says which version of which configuration it is by', () => {
    for (const { value } of whole.of(topics.assignments).slice(0, 20)) {
      const { modelVersion, fingerprint } = assignment(value)
      expect([modelVersion, fingerprint.toString('hex')]).toEqual([9, sampleFingerprint])
    }
  })

  test('explains exactly the events whose score is within the budget, beside their assignments', () => {
    const isAnomalous = ({ value }: Written) => assignment(value).score >= 1 - budget
    const expected = whole.of(topics.assignments).filter(isAnomalous)
    const found = whole.of(topics.anomalies)
    expect(found.length).toBeGreaterThan(size / 101)
    expect(whole.facts.anomalies).toBe(found.length)
    found.forEach((record, i) => {
      const value = anomaly(record.value)
      expect(value).toMatchObject(assignment(expected[i].value))
      expect([record.partition, record.key, record.timestamp]).toEqual([2, expected[i].key, expected[i].timestamp])
      expect(record.value?.subarray(0, wireHeaderBytes)).toEqual(Buffer.of(0, 0, 0, 0, 5))
      expect([value.threshold, value.score]).toEqual([1 - budget, 1 - value.rarity])
      expect(value.secondCluster).not.toBe(value.cluster)
      expect(value.secondDistance).toBeGreaterThanOrEqual(value.distance)
      expect(value.contributions).toHaveLength(3)
    })
  })

  test('explains an event by what it had', () => {
    const of = (i: number) =>
      whole
        .of(topics.anomalies)
        .map(({ value }) => anomaly(value))
        .find(({ offset }) => offset === firstOffset + i)
    const fields = Object.fromEntries(of(97)?.contributions.map(({ feature: name, value }) => [name, value]) ?? [])
    expect(fields).toMatchObject({ amount: 1e7, channel: 'pigeon' })
    expect(of(101)?.contributions[0]).toMatchObject({ feature: 'amount', value: -1e300 })
    expect(whole.facts.clipped).toBe(records.filter((_, i) => isValid(i) && i % 101 === 0 && i % 97 !== 0).length)
  })

  test('teaches what lies outside the birth, and covers all offsets', () => {
    const trained = records.filter((_, i) => isValid(i) && i >= 1000).length
    expect(whole.update).toMatchObject({
      bornAtMs: model.bornAtMs,
      version: 9,
      trained,
      ranges: [{ partition: 2, from: firstOffset, to: firstOffset + size }],
    })
    expect(whole.update?.clusters.weight.reduce((sum, weight) => sum + weight, 0)).toBe(trained)
    expect(whole.update?.counts.reduce((sum, count) => sum + count, 0)).toBe(trained)
    const [record] = whole.of(topics.modelUpdates)
    expect([record.partition, record.key, record.timestamp]).toEqual([0, '2', 99])
    expect(record.value?.subarray(0, wireHeaderBytes)).toEqual(Buffer.of(0, 0, 0, 0, 4))
  })

  test.each([
    [1, chunkEvents],
    [999, chunkEvents],
    [1000, chunkEvents],
    [1001, chunkEvents],
    [5000, 999],
    [5000, 1],
    [37, 10],
  ])('is the same for batches of %i in chunks of %i events', (batchSize, chunkSize) => {
    const cut = outcomeOf(batch, batchSize, chunkSize)
    for (const topic of [topics.assignments, topics.anomalies, topics.deadLetters]) {
      expect(cut.of(topic)).toEqual(whole.of(topic))
    }
    expect(cut.facts).toEqual(whole.facts)
    const [a, b] = [cut.update, whole.update]
    if (a === null || b === null) throw new Error('there is something to teach')
    const rounded = ({ clusters, usual: { index, statistics } }: ModelUpdate) => [
      clusters.weight,
      index,
      statistics.weight,
    ]
    expect({ ...a, clusters: 0, usual: 0 }).toEqual({ ...b, clusters: 0, usual: 0 })
    expect(rounded(a)).toEqual(rounded(b))
    expectClose(a.clusters, b.clusters)
    expectClose(a.usual.statistics, b.usual.statistics)
  })

  test('leaves nothing behind for the next: the same batch gives the same bytes again', () => {
    outcomeOf(batchOf([{ value: '{"id":"other","amount":5}' }], 0, firstOffset), 1, 1)
    const again = outcomeOf(batch, size, chunkEvents)
    const { shadow: _, ...written } = topics
    for (const topic of Object.values(written)) expect(again.of(topic)).toEqual(whole.of(topic))
  })

  test('teaches nothing, not even its offsets, when no event is valid', () => {
    const { facts, update, of } = outcomeOf(batchOf([{ value: '{' }, { value: null }], 2, firstOffset), 2, 2)
    expect([facts.valid, update, of(topics.deadLetters).length]).toEqual([0, null, 2])
  })

  test('of events of the birth alone covers their offsets and trains nothing', () => {
    const { update } = outcomeOf(part(batch, 0, 1000), 1000, 1000)
    expect(update).toMatchObject({ trained: 0, ranges: [{ partition: 2, from: firstOffset, to: firstOffset + 1000 }] })
  })

  test('refuses an event whose key its assignment has no room for', () => {
    const value = '{"id":"x","amount":5}'
    const events = [100, 101].map((length) => ({ key: 'k'.repeat(length), value }))
    const { facts, of } = outcomeOf(batchOf([...events, { key: 'k'.repeat(101), value: '{' }], 2, firstOffset), 3, 3)
    expect([...facts.invalid]).toEqual([
      ['key_too_large', 1],
      ['malformed', 1],
    ])
    expect(of(topics.assignments).map(({ key }) => key?.length)).toEqual([100])
    expect(of(topics.deadLetters).map(({ key }) => key?.length)).toEqual([101, 101])
  })

  test('names an event in its anomaly as in its assignment, a byte order mark included', () => {
    const value = JSON.stringify({ id: '\ufeffa\u0000é', amount: 1e30 })
    const { of } = outcomeOf(batchOf([{ value }], 2, firstOffset), 1, 1)
    const names = [assignment(of(topics.assignments)[0].value), anomaly(of(topics.anomalies)[0].value)]
    expect(names.map(({ eventId }) => eventId)).toEqual(['\ufeffa\u0000é', '\ufeffa\u0000é'])
  })
})
