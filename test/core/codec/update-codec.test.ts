import { describe, expect, test } from 'vitest'
import { decodeUpdate, encodeUpdate } from '../../../src/core/codec/update-codec.ts'
import { segmentWidth } from '../../../src/core/drift/segments.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../../src/core/model/update.ts'
import type { SampledRows } from '../../../src/core/upkeep/reservoir.ts'
import { noCounts } from '../features/sample-features.ts'

const sound: ModelUpdate = {
  bornAtMs: 5,
  version: 2,
  d: 2,
  ranges: [{ partition: 0, from: 4, to: 9 }],
  trained: 5,
  clusterIds: Int32Array.of(1, 7),
  clusters: { ...emptyStatistics(2, 2), weight: Float64Array.of(3, 2), mean: Float64Array.of(-1, 2, 3, 0) },
  bins: Int32Array.of(0, 767),
  counts: Float64Array.of(4, 1),
  farEvents: 1,
  sampled: {
    drawn: Float32Array.of(-3, 0),
    importance: Float32Array.of(0, 64),
    rows: Float32Array.of(1, -2e9, 0.1, 0),
  },
  features: noCounts(),
  usual: {
    sinceVersion: 2,
    index: Int32Array.of(0, 4),
    statistics: { ...emptyStatistics(2, 2), weight: Float64Array.of(1, 4), mean: Float64Array.of(-1, 2, 3, 0) },
  },
  budget: 0.005,
  fromMs: -1,
  toMs: 7,
  segments: [{ name: 'web', counts: new Float64Array(segmentWidth).fill(1, 0, 2) }],
}

/** The update with one number changed. */
function changed(array: 'weight' | 'mean' | 'm2' | 'counts', at: number, value: number): ModelUpdate {
  const { weight, mean, m2 } = sound.clusters
  const copy = { weight: weight.slice(), mean: mean.slice(), m2: m2.slice(), counts: sound.counts.slice() }
  copy[array][at] = value
  return { ...sound, counts: copy.counts, clusters: { ...sound.clusters, ...copy } }
}

function sampledWith(change: Partial<SampledRows>): Partial<ModelUpdate> {
  return { sampled: { ...sound.sampled, ...change } }
}

function zeros(n: number, d: number): SampledRows {
  return { drawn: new Float32Array(n), importance: new Float32Array(n), rows: new Float32Array(n * d) }
}

describe('an update', () => {
  test('of finite numbers is read as it was written', () => {
    expect(decodeUpdate(encodeUpdate(sound))).toEqual({ value: sound })
  })

  test.each<[Parameters<typeof changed>[0], number, number]>([
    ['weight', 1, Number.NaN],
    ['weight', 1, 0],
    ['weight', 1, -1],
    ['weight', 0, Infinity],
    ['mean', 3, Number.NaN],
    ['mean', 0, -Infinity],
    ['m2', 3, Number.NaN],
    ['m2', 0, Infinity],
    ['m2', 1, -1],
    ['counts', 1, Number.NaN],
    ['counts', 0, Infinity],
    ['counts', 0, -1],
  ])('whose %s %i is %d is refused, whatever its checksum says: it would spoil the model', (array, at, value) => {
    expect(decodeUpdate(encodeUpdate(changed(array, at, value)))).toMatchObject({ refused: 'damaged' })
  })

  test.each<[string, Partial<ModelUpdate>]>([
    ['of fewer than no events', { trained: -1 }],
    ['of a bin beyond the last', { bins: Int32Array.of(0, 768) }],
    ['of a bin before the first', { bins: Int32Array.of(-1, 3) }],
    ['of more far events than events', { farEvents: 6 }],
    ['of times that go backwards', { fromMs: 8 }],
    ['of fewer than no far events', { farEvents: -1 }],
    ['with a sampled row that is not finite', sampledWith({ rows: Float32Array.of(1, Number.NaN, 0, 0) })],
    ['with a sampled row beyond what is kept', sampledWith({ rows: Float32Array.of(1, 0, 2e30, 0) })],
    ['with a sampled row that drew more than 1', sampledWith({ drawn: Float32Array.of(-3, 0.1) })],
    ['with a sampled row that drew nothing', sampledWith({ drawn: Float32Array.of(-3, -Infinity) })],
    ['with a sampled row of less than any importance', sampledWith({ importance: Float32Array.of(0, -0.1) })],
    ['with a sampled row of endless importance', sampledWith({ importance: Float32Array.of(0, Infinity) })],
    ['with fewer sampled values than its rows have', sampledWith({ rows: Float32Array.of(1, 2, 3) })],
    ['with fewer importances than rows', sampledWith({ importance: Float32Array.of(0) })],
    ['with more sampled rows than events', { sampled: zeros(6, 2) }],
  ])('%s is refused', (_, change) => {
    expect(decodeUpdate(encodeUpdate({ ...sound, ...change }))).toMatchObject({ refused: 'damaged' })
  })
})
