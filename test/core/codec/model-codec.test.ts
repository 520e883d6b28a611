import { readFileSync } from 'node:fs'
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCommand } from '../../../src/core/codec/command-codec.ts'
import { decodeModel, encodeModel } from '../../../src/core/codec/model-codec.ts'
import { decodeUpdate, encodeUpdate } from '../../../src/core/codec/update-codec.ts'
import { commandKinds, commandOf } from '../../../src/core/command/command.ts'
import { fold } from '../../../src/core/model/fold.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../../src/core/model/update.ts'
import { allMissing } from '../features/sample-features.ts'
import { bornFrom, clusteredRows, numericPlan, sampleFingerprint } from '../model/sample-model.ts'

const plan = numericPlan(3)
const model = bornFrom(plan, clusteredRows(400, 3, 4, 7), 400, 4)
const bytes = encodeModel(model)

const update: ModelUpdate = {
  bornAtMs: model.bornAtMs,
  version: 1,
  d: 3,
  ranges: [{ partition: 0, from: 400, to: 420 }],
  trained: 20,
  clusterIds: Int32Array.of(1, 3),
  clusters: {
    ...emptyStatistics(2, 3),
    weight: Float64Array.of(12, 8),
    mean: Float64Array.of(1, 2, 3, 4, 5, 6),
    m2: Float64Array.of(1, 1, 1, 2, 2, 2),
  },
  bins: Int32Array.of(380, 400),
  counts: Float64Array.of(15, 5),
  farEvents: 3,
  sampled: {
    drawn: Float32Array.of(-3, -0.5),
    importance: Float32Array.of(0, 12.5),
    rows: Float32Array.of(1, 2, 3, -4, 5e9, 0.1),
  },
  features: allMissing(model, 20),
  usual: {
    sinceVersion: 1,
    index: Int32Array.of(2),
    statistics: { ...emptyStatistics(1, 3), weight: Float64Array.of(20), mean: Float64Array.of(7, 8, 9) },
  },
  budget: 0.01,
  fromMs: -1,
  toMs: 1_760_000_000_000,
  segments: [],
}

const schemaType = (name: string) =>
  avsc.Type.forSchema(JSON.parse(readFileSync(new URL(`../../../schemas/${name}.avsc`, import.meta.url), 'utf8')))

describe('the codec of models', () => {
  test('gives back every field', () => {
    const decoded = decodeModel(bytes, sampleFingerprint)
    expect(decoded).toEqual({ value: model })
  })

  test('gives the same bytes for what it has read', () => {
    const decoded = decodeModel(bytes, sampleFingerprint)
    if ('refused' in decoded) throw new Error(decoded.detail)
    expect(Buffer.from(encodeModel(decoded.value)).equals(bytes)).toBe(true)
  })

  test('is the Avro encoding of schemas/model.avsc', () => {
    const type = schemaType('model')
    const read = type.fromBuffer(Buffer.from(bytes)) as { version: number; clusters: { mean: number[] }[] }
    expect(type.toBuffer(read).equals(bytes)).toBe(true)
    expect(read.version).toBe(1)
    expect(read.clusters[2].mean).toEqual([...model.clusters.mean.subarray(6, 9)])
  })

  test('refuses a model of another configuration by both fingerprints', () => {
    const decoded = decodeModel(bytes, 'ffffffffffffffff')
    expect(decoded).toMatchObject({ refused: 'foreign' })
    expect('detail' in decoded && decoded.detail).toContain(sampleFingerprint)
  })

  test('refuses bytes that nobody encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect('refused' in decodeModel(noise, sampleFingerprint)).toBe(true)
        expect('refused' in decodeUpdate(noise)).toBe(true)
      }),
    )
  })
})

describe('the codec of updates', () => {
  test('gives back every field', () => {
    expect(decodeUpdate(encodeUpdate(update))).toEqual({ value: update })
  })

  test('is the Avro encoding of schemas/model-update.avsc', () => {
    const type = schemaType('model-update')
    const encoded = Buffer.from(encodeUpdate(update))
    expect(type.toBuffer(type.fromBuffer(encoded)).equals(encoded)).toBe(true)
  })
})

describe('the codec of commands', () => {
  test.each(commandKinds)('is the Avro encoding of schemas/model-command.avsc: %s', (kind) => {
    const type = schemaType('model-command')
    const encoded = Buffer.from(encodeCommand(commandOf(kind, { bornAtMs: 1, reason: 'why', by: 'Zoë', atMs: 5 })))
    const read = type.fromBuffer(encoded) as { kind: string; by: string }
    expect(type.toBuffer(read).equals(encoded)).toBe(true)
    expect([read.kind, read.by]).toEqual([kind, 'Zoë'])
  })
})

describe('the fold', () => {
  const fresh = () => {
    const decoded = decodeModel(bytes, sampleFingerprint)
    if ('refused' in decoded) throw new Error(decoded.detail)
    return decoded.value
  }

  test('moves a centroid to the weighted mean of what it has seen', () => {
    const folded = fresh()
    const before = folded.clusters.weight[1] * 2 ** (-20 / 100_000)
    const mean = folded.clusters.mean[3]
    fold(folded, update, 0)
    expect(folded.clusters.mean[3]).toBeCloseTo((before * mean + 12 * 1) / (before + 12), 12)
    expect(folded.clusters.weight[1]).toBeCloseTo(before + 12, 12)
  })

  test('makes a version of every record, but learns none twice', () => {
    const folded = fresh()
    expect(fold(folded, update, 5)).toBe('learned')
    const once = encodeModel(folded)
    expect(fold(folded, update, 6)).toBe('repeated')
    expect(folded.version).toBe(3)
    folded.version = 2
    folded.nextUpdateOffset = 6
    expect(Buffer.from(encodeModel(folded)).equals(once)).toBe(true)
  })

  test('learns nothing from another life of the model', () => {
    const folded = fresh()
    expect(fold(folded, { ...update, bornAtMs: 5 }, 5)).toBe('foreign')
    expect(folded.clusters.weight).toEqual(model.clusters.weight)
  })

  test('gives the same bits for the same log', () => {
    const a = fresh()
    const b = fresh()
    for (let i = 0; i < 50; i++) {
      const next = { ...update, ranges: [{ partition: 0, from: 400 + 20 * i, to: 420 + 20 * i }] }
      fold(a, next, i)
      fold(b, next, i)
    }
    expect(Buffer.from(encodeModel(a)).equals(encodeModel(b))).toBe(true)
    expect(a.trainedEvents).toBe(400 + 50 * 20)
  })
})
