/** Models and updates as hostile as they may be while they are sound: huge, tiny, empty, heavy, of any life. */

import fc from 'fast-check'
import { segmentWidth } from '../../../src/core/drift/segments.ts'
import { binsOf } from '../../../src/core/features/feature-bins.ts'
import { emptyCounts } from '../../../src/core/features/feature-counts.ts'
import type { Model, OffsetRange } from '../../../src/core/model/model.ts'
import { type ColumnStatistics, emptyStatistics } from '../../../src/core/model/statistics.ts'
import type { ModelUpdate, UpdateFeatures } from '../../../src/core/model/update.ts'
import { rarityBins } from '../../../src/core/score/rarity.ts'
import { farthestKept, reservoirOf, type SampledRows } from '../../../src/core/upkeep/reservoir.ts'
import { type ClusterChange, changeKinds, type Upkeep } from '../../../src/core/upkeep/upkeep.ts'
import { randomControl } from '../command/random-commands.ts'
import { randomDrift } from '../drift/random-drift.ts'
import { randomQuality } from '../quality/random-quality.ts'
import { sampleFingerprint } from './sample-model.ts'

/** What a mean may be: rows are bounded at 1e100. */
const mean = fc.oneof(
  fc.constantFrom(0, -0, 1e100, -1e100, 5e-324, -1e-310, 1, 1e15 + 0.5),
  fc.double({ min: -1e100, max: 1e100, noNaN: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
)
const spread = fc.oneof(fc.constantFrom(0, 5e-324, 1e-100, 1, 1e200), fc.double({ min: 0, max: 1e200, noNaN: true }))
const bornAtMs = fc.constantFrom(1, 1, 1, 1, 1, 2)
const offset = fc.oneof(fc.nat(1000), fc.constantFrom(0, 2 ** 40, Number.MAX_SAFE_INTEGER))

const shape = fc.tuple(fc.nat(2), mean, fc.constantFrom(1e-10, 1, 0.7, 4e100))

/** Two features of a model: a number of three bins, and two categories. */
const binCounts = [3, 2]
const edges = [Float64Array.of(-5e-324, 7), new Float64Array(0)]
const featureBins = binsOf(binCounts.map((count, f) => ({ edges: edges[f], count })))

const counts = fc
  .tuple(...[5, 2, 2].map((n) => fc.array(fc.constantFrom(0, 1, 0.3, 5e-324, 2 ** 60), { minLength: n, maxLength: n })))
  .map(([bins, missing, clipped]) => ({
    bins: Float64Array.from(bins),
    missing: Float64Array.from(missing),
    clipped: Float64Array.from(clipped),
  }))

const features = fc.tuple(counts, counts).map(([reference, current]) => ({ bins: featureBins, reference, current }))

/** Counts of so many events: some missing, the others in one bin of each feature. */
function countsOf(trained: number, bin: number, missing: number): UpdateFeatures {
  const lost = Math.min(missing, trained)
  const of = emptyCounts(2, 5)
  featureBins.from.subarray(0, 2).forEach((first, f) => {
    of.bins[first + (bin % binCounts[f])] = trained - lost
    of.missing[f] = lost
    of.clipped[f] = trained - lost
  })
  return { from: featureBins.from, ...of }
}

function filled(
  k: number,
  d: number,
  weights: readonly number[],
  means: readonly number[],
  spreads: readonly number[],
) {
  const statistics = emptyStatistics(k, d)
  statistics.weight.set(weights)
  statistics.mean.set(means)
  statistics.m2.set(spreads)
  return statistics
}

function statistics(k: number, d: number, weight: fc.Arbitrary<number>): fc.Arbitrary<ColumnStatistics> {
  const numbers = (of: fc.Arbitrary<number>, n: number) => fc.array(of, { minLength: n, maxLength: n })
  return fc
    .tuple(numbers(weight, k), numbers(mean, k * d), numbers(spread, k * d))
    .map(([weights, means, spreads]) => filled(k, d, weights, means, spreads))
}

const ranges = fc
  .uniqueArray(fc.tuple(fc.nat(5), offset, fc.nat(100)), { maxLength: 4, selector: ([partition]) => partition })
  .map((all) =>
    all.map(([partition, from, length]): OffsetRange => {
      const to = Math.min(from + length, Number.MAX_SAFE_INTEGER)
      return { partition, from, to }
    }),
  )

const drawn = fc.oneof(fc.constantFrom(0, -53, -1e-40), fc.double({ min: -53, max: 0, noNaN: true }))
const importance = fc.oneof(fc.constantFrom(0, 64), fc.double({ min: 0, max: 64, noNaN: true }))
const keptValue = fc.oneof(
  fc.constantFrom(0, -0, farthestKept, -farthestKept, 1),
  fc.double({ min: -1e30, max: 1e30, noNaN: true }),
)

/** At most `most` sampled rows. */
function sample(d: number, most: number): fc.Arbitrary<SampledRows> {
  return fc
    .array(fc.tuple(drawn, importance, fc.array(keptValue, { minLength: d, maxLength: d })), { maxLength: most })
    .map((rows) => ({
      drawn: Float32Array.from(rows, ([number]) => number),
      importance: Float32Array.from(rows, ([, of]) => of),
      rows: Float32Array.from(rows.flatMap(([, , values]) => values)),
    }))
}

/** The first n of them. */
function firstRows({ drawn: numbers, importance: importances, rows }: SampledRows, n: number, d: number): SampledRows {
  return { drawn: numbers.slice(0, n), importance: importances.slice(0, n), rows: rows.slice(0, n * d) }
}

const change: fc.Arbitrary<ClusterChange> = fc.record({
  version: fc.integer({ min: 1, max: 1e9 }),
  kind: fc.constantFrom(...changeKinds),
  id: fc.nat(1e9),
  weight: fc.double({ min: 0, max: 1e9, noNaN: true }),
  relatives: fc.array(fc.record({ id: fc.nat(1e9), weight: fc.double({ min: 0, max: 1e9, noNaN: true }) }), {
    maxLength: 3,
  }),
})

function upkeep(k: number, d: number): fc.Arbitrary<Upkeep> {
  const each = <T>(of: fc.Arbitrary<T>, n: number) => fc.array(of, { minLength: n, maxLength: n })
  return fc
    .record({
      clock: fc.double({ min: 0, max: 1e6, noNaN: true }),
      support: each(fc.double({ min: 0, max: 1e9, noNaN: true }), k),
      shaped: each(fc.integer({ min: 1, max: 1e9 }), k),
      farShare: fc.double({ min: 0, max: 1, noNaN: true }),
      intervalEvents: fc.integer({ min: 1, max: 1e9 }),
      nextAtEvents: offset,
      changes: fc.array(change, { maxLength: 4 }),
      origin: each(mean, d),
      unit: each(fc.constantFrom(1e-103, 1e-3, 1, 1e97), d),
      stretch: each(fc.constantFrom(1e-3, 1, 30), d),
      fixedScale: each(fc.constantFrom(0, 0.5, 1), d),
      sampled: sample(d, 6),
      ages: each(fc.double({ min: 0, max: 1, noNaN: true }), 6),
      spare: fc.nat(3),
    })
    .map(({ support, shaped, stretch, fixedScale, origin, unit, sampled, ages, spare, ...rest }) => ({
      ...rest,
      nextId: 3 * k,
      support: Float64Array.from(support),
      shapedVersions: Float64Array.from(shaped),
      stretch: Float64Array.from(stretch),
      fixedScale: Float64Array.from(fixedScale),
      reservoir: reservoirOf(sampled.drawn.length + spare + 1, Float64Array.from(origin), Float64Array.from(unit), {
        ...sampled,
        clocks: Float64Array.from(sampled.drawn, (_, i) => ages[i] * rest.clock),
      }),
    }))
}

/** A sound model of k clusters and d columns, with the sample's fingerprint. */
export function randomModel(k: number, d: number): fc.Arbitrary<Model> {
  const mass = fc.oneof(fc.constantFrom(0, 5e-324, 1, 2 ** 60), fc.double({ min: 0, max: 1e9, noNaN: true }))
  return fc
    .record({
      bornAtMs,
      version: fc.integer({ min: 1, max: 1e9 }),
      halfLifeEvents: fc.constantFrom(1, 1000, 1e6, Number.POSITIVE_INFINITY),
      rarityHalfLifeEvents: fc.constantFrom(100, 20_000),
      clusters: statistics(k, d, mass),
      whole: statistics(1, d, mass),
      floor: fc.array(fc.constantFrom(1e-103, 1e-3, 1, 1e97), { minLength: d, maxLength: d }),
      bins: fc.array(fc.tuple(fc.nat(rarityBins - 1), fc.double({ min: 0, max: 1e9, noNaN: true })), { maxLength: 9 }),
      trainedEvents: offset,
      nextUpdateOffset: fc.nat(1e9),
      learned: ranges,
      bornFrom: ranges,
      features,
      shapes: fc.array(shape, { minLength: d, maxLength: d }),
      upkeep: upkeep(k, d),
      exponent: fc.constantFrom(1, 0.8, 7.5),
      sinceVersion: fc.integer({ min: 1, max: 1e9 }),
      places: statistics(k, d, mass),
      drift: randomDrift(2, 5, k, d),
      quality: randomQuality(k, d),
      control: randomControl,
    })
    .map(({ floor, shapes, bins, learned, exponent, sinceVersion, places, ...rest }): Model => {
      const counts = new Float64Array(rarityBins)
      for (const [bin, count] of bins) counts[bin] = count
      const weight = counts.reduce((sum, count) => sum + count, 0)
      return {
        ...rest,
        fingerprint: sampleFingerprint,
        d,
        k,
        ids: Int32Array.from({ length: k }, (_, j) => 3 * j),
        bornVersions: new Float64Array(k).fill(1),
        floor: Float64Array.from(floor),
        shapes: {
          kind: Uint8Array.from(shapes, ([kind]) => kind),
          centre: Float64Array.from(shapes, ([, centre]) => centre),
          scale: Float64Array.from(shapes, ([, , scale]) => scale),
        },
        rarity: { weight, bins: counts, exponent },
        usual: { sinceVersion, places },
        learnedUpTo: new Map(learned.map(({ partition, to }) => [partition, to] as const).sort((a, b) => a[0] - b[0])),
      }
    })
}

/** A sound update for such a model: it teaches as many events as its clusters and its bins hold. */
export function randomUpdate(k: number, d: number): fc.Arbitrary<ModelUpdate> {
  const count = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(1, 2 ** 50))
  return fc
    .uniqueArray(fc.nat(k), { maxLength: k })
    .chain((ids) =>
      fc.record({
        bornAtMs,
        version: fc.integer({ min: 1, max: 1e9 }),
        ranges,
        ids: fc.constant(ids),
        clusters: statistics(ids.length, d, count),
        bin: fc.nat(rarityBins - 2),
        inSecond: fc.boolean(),
        sampled: sample(d, 4),
        missing: fc.nat(5),
        sinceVersion: fc.integer({ min: 1, max: 1e9 }),
        segment: fc.option(fc.string({ maxLength: 9 })),
        budget: fc.constantFrom(1e-6, 0.005, 0.5),
        fromMs: fc.constantFrom(-1, 0, 1e12, -Number.MAX_SAFE_INTEGER),
        toMs: fc.constantFrom(1e12, Number.MAX_SAFE_INTEGER),
      }),
    )
    .map(({ ids, clusters, bin, inSecond, missing, sinceVersion, sampled, segment, ...rest }): ModelUpdate => {
      const trained = clusters.weight.reduce((sum, weight) => sum + weight, 0)
      const split = inSecond && trained > 1
      const counts = trained === 0 ? [] : split ? [trained - 1, 1] : [trained]
      return {
        ...rest,
        d,
        trained,
        clusterIds: Int32Array.from(ids, (id) => 3 * id),
        clusters,
        bins: Int32Array.from(counts, (_, i) => bin + i),
        counts: Float64Array.from(counts),
        farEvents: Math.floor(trained / 3),
        sampled: firstRows(sampled, trained, d),
        features: countsOf(trained, bin, missing),
        usual: { sinceVersion, index: Int32Array.from(ids.keys()), statistics: clusters },
        segments:
          segment === null ? [] : [{ name: segment, counts: new Float64Array(segmentWidth).fill(trained, 3, 4) }],
      }
    })
}
