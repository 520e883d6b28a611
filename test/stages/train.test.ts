import { describe, expect, test } from 'vitest'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { decodeModel, encodeModel } from '../../src/core/codec/model-codec.ts'
import { encodeUpdate } from '../../src/core/codec/update-codec.ts'
import { fold } from '../../src/core/model/fold.ts'
import type { Model } from '../../src/core/model/model.ts'
import { emptyStatistics } from '../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import { foldBatch, forgetVersion, publishModel } from '../../src/stages/train.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { resealedAfter } from '../core/codec/resealing.ts'
import { allMissing } from '../core/features/sample-features.ts'
import {
  bornFrom,
  clusteredRows,
  noSample,
  numericPlan,
  sampleFingerprint,
  usuallyAs,
} from '../core/model/sample-model.ts'
import { batchOf, written } from './batches.ts'

const born = bornFrom(numericPlan(2), clusteredRows(200, 2, 3, 1), 200, 3)
const fresh = (): Model => structuredClone(born)
const bytesOf = (model: Model) => Buffer.from(encodeModel(model))

/** The ith update: ten events of partition 0 behind those of the birth. */
function updateOf(i: number, change: Partial<ModelUpdate> = {}): ModelUpdate {
  const clusters = { ...emptyStatistics(1, 2), weight: Float64Array.of(10), mean: Float64Array.of(i, -i) }
  return {
    bornAtMs: born.bornAtMs,
    version: 1,
    d: 2,
    ranges: [{ partition: 0, from: 200 + 10 * i, to: 210 + 10 * i }],
    trained: 10,
    clusterIds: Int32Array.of(i % 3),
    clusters,
    bins: Int32Array.of(400),
    counts: Float64Array.of(10),
    ...noSample(),
    features: allMissing(born, 10),
    ...usuallyAs(clusters),
    ...change,
  }
}

const none = { learned: 0, watched: 0, repeated: 0, foreign: 0, damaged: 0, obeyed: 0, declined: 0 }

function record(update: ModelUpdate) {
  return { value: Buffer.concat([Buffer.of(0, 0, 0, 0, 9), encodeUpdate(update)]) }
}

describe('the fold of a batch', () => {
  test('is that of its updates, one after another, at their offsets', () => {
    const [folded, expected] = [fresh(), fresh()]
    const updates = [0, 1, 2, 3].map((i) => updateOf(i))
    const facts = foldBatch(folded, batchOf(updates.map(record), 0, 17))
    updates.forEach((update, i) => {
      fold(expected, update, 17 + i)
    })
    expect(facts).toEqual({
      outcomes: { ...none, learned: 4 },
      damaged: null,
      endsDamaged: false,
      newer: null,
      reactions: [],
    })
    expect(bytesOf(folded).equals(bytesOf(expected))).toBe(true)
    expect([folded.version, folded.nextUpdateOffset]).toEqual([5, 21])
  })

  test('passes over what the model has folded already', () => {
    const [folded, expected] = [fresh(), fresh()]
    const updates = [0, 1, 2, 3].map((i) => record(updateOf(i)))
    foldBatch(folded, batchOf(updates.slice(0, 3)))
    expect(foldBatch(folded, batchOf(updates))).toEqual({
      outcomes: { ...none, learned: 1 },
      damaged: null,
      endsDamaged: false,
      newer: null,
      reactions: [],
    })
    foldBatch(expected, batchOf(updates))
    expect(bytesOf(folded).equals(bytesOf(expected))).toBe(true)
    const before = bytesOf(folded)
    expect(foldBatch(folded, batchOf(updates)).outcomes).toEqual(none)
    expect(bytesOf(folded).equals(before)).toBe(true)
  })

  test('counts what taught nothing, and why', () => {
    const folded = fresh()
    const updates = [updateOf(0), updateOf(0), updateOf(1, { bornAtMs: 3 }), updateOf(1, { d: 2, ranges: [] })]
    const { outcomes } = foldBatch(folded, batchOf(updates.map(record)))
    expect(outcomes).toEqual({ ...none, learned: 2, repeated: 1, foreign: 1 })
    expect(folded.version).toBe(5)
  })

  const whole = record(updateOf(1)).value
  const resealed = (value: Buffer, change: (body: Buffer) => void) =>
    Buffer.concat([value.subarray(0, wireHeaderBytes), resealedAfter(value.subarray(wireHeaderBytes), change)])
  const flipped = Buffer.from(whole)
  flipped[40] ^= 4
  test.each<[string, Uint8Array | null, string]>([
    ['that is flipped in a bit', flipped, 'checksum'],
    ['that is cut short', whole.subarray(0, -1), 'checksum'],
    ['without a value', null, '0 bytes'],
    ['of no bytes', Buffer.alloc(0), '0 bytes'],
    ['of a header alone', Buffer.alloc(5), '0 bytes'],
    ['that is not finite', record(updateOf(1, { counts: Float64Array.of(Number.NaN) })).value, 'its bin 0'],
    ['that teaches more than it holds', record(updateOf(1, { trained: 11 })).value, 'must teach 11 events'],
    ['of a stranger', Buffer.from('{"hello":"world"}'), 'checksum'],
  ])('passes over a record %s: it makes a version, teaches nothing, and is named', (_, value, detail) => {
    const [folded, expected] = [fresh(), fresh()]
    const batch = batchOf([record(updateOf(0)), { value }, record(updateOf(2))], 0, 5)
    const { outcomes, damaged, endsDamaged, newer } = foldBatch(folded, batch)
    expect([outcomes, newer]).toEqual([{ ...none, learned: 2, damaged: 1 }, null])
    expect(damaged?.offset).toBe(6)
    // An update behind it was learned from.
    expect(endsDamaged).toBe(false)
    expect(damaged?.detail).toContain(detail)
    fold(expected, updateOf(0), 5)
    fold(expected, { ...updateOf(1), bornAtMs: 1 }, 6)
    fold(expected, updateOf(2), 7)
    expect(bytesOf(folded).equals(bytesOf(expected))).toBe(true)
  })

  test('names the first of several damaged records, and counts them all', () => {
    const { outcomes, damaged, endsDamaged } = foldBatch(
      fresh(),
      batchOf([{ value: null }, { value: 'x' }, { value: flipped }], 0, 5),
    )
    expect(outcomes).toEqual({ ...none, damaged: 3 })
    expect(endsDamaged).toBe(true)
    expect(damaged).toEqual({ offset: 5, detail: 'it is 0 bytes long' })
  })

  test('stops before an update of a newer format: it is whole, and a newer release learns from it', () => {
    const [folded, expected] = [fresh(), fresh()]
    const newer = resealed(whole, (body) => void body.writeInt8(4, 0))
    const batch = batchOf([record(updateOf(0)), { value: newer }, record(updateOf(2))], 0, 5)
    expect(foldBatch(folded, batch)).toEqual({
      outcomes: { ...none, learned: 1 },
      damaged: null,
      endsDamaged: false,
      newer: { offset: 6, detail: 'its format is 2, this release reads up to 1' },
      reactions: [],
    })
    foldBatch(expected, batchOf([record(updateOf(0))], 0, 5))
    expect(bytesOf(folded).equals(bytesOf(expected))).toBe(true)
  })

  test('of a damaged record that was folded before does not matter', () => {
    const folded = fresh()
    folded.nextUpdateOffset = 6
    expect(foldBatch(folded, batchOf([{ value: null }, record(updateOf(0))], 0, 5)).damaged).toBeNull()
    expect(folded.nextUpdateOffset).toBe(7)
  })

  test('of no records is nothing', () => {
    const folded = fresh()
    expect(foldBatch(folded, batchOf([])).damaged).toBeNull()
    expect(bytesOf(folded).equals(bytesOf(born))).toBe(true)
  })
})

test('a published version is the model, under its number, and is forgotten by a tombstone under it', () => {
  const model = { ...fresh(), version: 12_345 }
  const outputs = new OutputColumns()
  publishModel(outputs, 'models', 0x01020304, model, 77)
  forgetVersion(outputs, 'models', 12_345, 78)
  const [version, tombstone] = written(outputs)
  expect(version).toMatchObject({ topic: 'models', partition: 0, key: '12345', timestamp: 77 })
  expect(version.value?.subarray(0, wireHeaderBytes)).toEqual(Buffer.of(0, 1, 2, 3, 4))
  const decoded = decodeModel(version.value?.subarray(wireHeaderBytes) ?? Buffer.alloc(0), sampleFingerprint)
  expect(decoded).toEqual({ value: model })
  expect(tombstone).toMatchObject({ topic: 'models', partition: 0, key: '12345', value: null, timestamp: 78 })
})
