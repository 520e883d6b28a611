/** The bins of a birth and the counts on them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binAt, searchable } from '../../../src/core/features/bin-finder.ts'
import { phaseEdges, turnOf } from '../../../src/core/features/feature-bins.ts'
import { FeatureCounter } from '../../../src/core/features/feature-counter.ts'
import type { FeatureSpec } from '../../../src/core/features/features.ts'
import { sampleBounds, vectorise } from '../../../src/core/features/vectorise.ts'
import { FieldColumns } from '../../../src/core/fields/fields.ts'
import { jsonProjection } from '../../../src/core/fields/json-projection.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { fences } from '../../../src/core/model/fences.ts'
import type { FeatureState } from '../../../src/core/model/model.ts'
import { eventsOf } from '../fields/projecting.ts'
import { bornFrom } from '../model/sample-model.ts'
import { feature, planOf } from './vectorising.ts'

const anyNumber = fc.oneof(
  fc.constantFrom(0, -0, 1, 5e-324, -5e-324, 1e100, -1e100, 1e300, Number.MAX_VALUE, -Number.MAX_VALUE),
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const someEdges = fc
  .uniqueArray(anyNumber, { maxLength: 47, comparator: 'SameValueZero' })
  .map((edges) => Float64Array.from(edges).sort())

describe('the bin of a value', () => {
  test('is how many edges are at or below it', () => {
    fc.assert(
      fc.property(someEdges, fc.array(anyNumber), (edges, queries) => {
        const finder = searchable(edges)
        for (const x of [...edges, ...queries]) expect(binAt(finder, x)).toBe(edges.filter((edge) => edge <= x).length)
      }),
      { numRuns: 1000 },
    )
  })

  test('of a phase is its hour, also on the hour', () => {
    const finder = searchable(phaseEdges(24))
    for (let quarter = 0; quarter < 96; quarter++) {
      const angle = (quarter / 96) * 2 * Math.PI
      expect(binAt(finder, turnOf(Math.sin(angle), Math.cos(angle)))).toBe(Math.floor(quarter / 4))
    }
  })
})

/** The distributions of a birth from events with the given values, and how later ones are counted on them. */
function counted(specs: readonly FeatureSpec[], sample: readonly object[], later: readonly object[] = []) {
  const plan = planOf(specs)
  const d = plan.columns.length
  const read = (values: readonly object[], bounds = sampleBounds(d)) => {
    const events = eventsOf(values.map((value) => Buffer.from(JSON.stringify({ id: 'e', ...value }))))
    const fields = new FieldColumns(values.length, plan.slots)
    jsonProjection(plan.fields, { maxEventBytes: 1 << 20 }).project(events, 0, values.length, fields)
    const rows = new Float64Array(values.length * d)
    const eventOf = new Int32Array(values.length)
    const { valid, clipped } = vectorise(plan, fields, events.bytes, values.length, bounds, rows, eventOf)
    return { fields, rows, eventOf, n: valid, clipped }
  }
  const { rows, n } = read(sample)
  const model = bornFrom(plan, rows, n, 2)
  const bounds = fences(model)
  const counter = new FeatureCounter(plan, model.features.bins, bounds)
  const events = read(later, bounds)
  counter.add(events.rows, events.n, new Int32Array(events.n), events.eventOf, events.fields)
  return { model, counts: counter.counts, clipped: events.clipped }
}

const countsOf = ({ bins }: FeatureState, counts: FeatureState['current'], f: number) => [
  ...counts.bins.subarray(bins.from[f], bins.from[f + 1]),
]

describe('the bins of a birth', () => {
  const x = [feature('x', { kind: 'none' })]
  const values = fc.array(fc.oneof(anyNumber, fc.constantFrom(0, 1, 2, null)), { minLength: 1, maxLength: 200 })

  test('ascend, hold the whole sample between the first and the last, and are the same for the same sample', () => {
    fc.assert(
      fc.property(values, (sample) => {
        const events = sample.map((value) => ({ x: value }))
        const { features } = counted(x, events).model
        const [edges] = features.bins.edges
        expect(edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]))).toBe(true)
        const missing = sample.filter((value) => value === null).length
        const inBins = countsOf(features, features.reference, 0)
        expect(features.reference.missing[0]).toBe(missing)
        expect(inBins.reduce((sum, count) => sum + count, 0)).toBe(sample.length - missing)
        if (missing < sample.length) expect([inBins[0], inBins[inBins.length - 1]]).toEqual([0, 0])
        expect(counted(x, events).model.features).toEqual(features)
        expect(features.current).toEqual(features.reference)
      }),
      { numRuns: 200 },
    )
  })

  test('of a continuous distribution hold a 32nd each, but for the tails', () => {
    const random = new Random(4)
    const { features } = counted(
      x,
      Array.from({ length: 3200 }, () => ({ x: random.gaussian() })),
    ).model
    expect(countsOf(features, features.reference, 0)).toEqual([0, 32, 68, ...new Array(30).fill(100), 68, 32, 0])
  })

  test('keep a value that is often there apart from all others', () => {
    const random = new Random(5)
    const sample = Array.from({ length: 1000 }, (_, i) => ({ x: i % 2 === 0 ? 7 : 7 + random.gaussian() }))
    const { bins, reference } = counted(x, sample).model.features
    const own = bins.edges[0].indexOf(7) + 1
    expect(countsOf({ bins } as FeatureState, reference, 0)[own]).toBe(500)
  })

  test('of a constant are below it, itself and above it', () => {
    const { model, counts } = counted(x, new Array(50).fill({ x: 3 }), [{ x: 2 }, { x: 3 }, { x: 3 }, { x: 3.001 }])
    expect(countsOf(model.features, model.features.reference, 0)).toEqual([0, 50, 0])
    expect(countsOf(model.features, counts, 0)).toEqual([1, 2, 1])
  })

  test('of a feature that no event had are one', () => {
    const { model, counts } = counted(x, new Array(5).fill({}), [{ x: 2 }, {}])
    expect([model.features.bins.edges[0].length, ...countsOf(model.features, counts, 0)]).toEqual([0, 1])
    expect(counts.missing[0]).toBe(1)
  })
})

describe('counts of events', () => {
  const specs = [
    feature('amount', { kind: 'log' }),
    feature('colour', { kind: 'oneHot', values: ['red', 'blue'] }),
    feature('online', { kind: 'boolean' }),
    feature('hour', { kind: 'hourOfDay' }),
    feature('day', { kind: 'dayOfWeek' }),
    feature('shop', { kind: 'hash', buckets: 4 }),
  ]
  const random = new Random(6)
  const sample = Array.from({ length: 300 }, () => ({
    amount: 20 + random.gaussian(),
    colour: ['red', 'blue', 'green'][random.below(3)],
    online: random.below(2) === 0,
    hour: Date.UTC(2021, 0, 6, random.below(24)),
    day: Date.UTC(2021, 0, 4 + random.below(7)),
    shop: `shop ${random.below(50)}`,
  }))
  // A Thursday, half past nine in the morning.
  const thursday = Date.UTC(2021, 0, 7, 9, 30)
  const later = [
    { amount: 1e9, colour: 'red', online: true, hour: thursday, day: thursday, shop: 'corner' },
    { amount: 20, colour: 'mauve', online: false, hour: thursday, day: thursday, shop: 'corner' },
    { amount: -1e9, colour: 'blue', online: 0, hour: Date.UTC(2021, 0, 4), day: Date.UTC(2021, 0, 4) },
    {},
  ]
  const { model, counts, clipped } = counted(specs, sample, later)
  const of = (f: number) => countsOf(model.features, counts, f)

  test('are of the values that there are, and of what is missing', () => {
    expect([...counts.missing]).toEqual([1, 1, 1, 1, 1, 2])
    expect(specs.map((_, f) => of(f).reduce((sum, count) => sum + count, 0))).toEqual([3, 3, 3, 3, 3, 2])
  })

  test('of numbers tell what is below and above all that the birth has seen, and what was clipped', () => {
    const amounts = of(0)
    expect([amounts[0], amounts[amounts.length - 1]]).toEqual([1, 1])
    expect([...counts.clipped]).toEqual([clipped, 0, 0, 0, 0, 0])
    expect(clipped).toBe(2)
  })

  test('of categories are by value, the last for what is not declared', () => {
    expect(of(1)).toEqual([1, 1, 1])
    expect(of(2)).toEqual([2, 1])
    expect(of(5).filter((count) => count > 0)).toEqual([2])
  })

  test('of phases are by hour and by quarter of the day', () => {
    expect([of(3)[9], of(3)[0]]).toEqual([2, 1])
    expect([of(4)[3 * 4 + 1], of(4)[0]]).toEqual([2, 1])
  })

  test('leave out rows that do not train', () => {
    const plan = planOf([feature('x', { kind: 'none' })])
    const born = bornFrom(plan, Float64Array.of(1, 2, 3), 3, 2)
    const counter = new FeatureCounter(plan, born.features.bins, fences(born))
    const fields = new FieldColumns(3, 2)
    fields.kind.fill(1)
    counter.add(Float64Array.of(1, 2, 3), 3, Int32Array.of(0, -1, 1), Int32Array.of(0, 1, 2), fields)
    expect(counter.counts.bins.reduce((sum, count) => sum + count, 0)).toBe(2)
  })
})
