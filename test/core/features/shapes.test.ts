/** How columns are bent, and how a birth decides it. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Transform } from '../../../src/core/features/features.ts'
import { bendRows, chooseShapes, decidedTransforms } from '../../../src/core/features/shape-choice.ts'
import { areSound, bent, plainShapes, ShapeKind, type Shapes, unbent } from '../../../src/core/features/shapes.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { bornFrom } from '../model/sample-model.ts'
import { feature, jsonVectors, planOf } from './vectorising.ts'

interface SquashCase {
  readonly name: string
  readonly sample: number[]
  readonly values: number[]
  readonly squashed: number[]
}

const golden = JSON.parse(readFileSync(new URL('../../golden/squash.json', import.meta.url), 'utf8')) as {
  readonly columns: readonly SquashCase[]
}

const finite = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 5e-324, 1e100, -1e100, 1e300, -Number.MAX_VALUE, Number.MAX_VALUE),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const sample = fc.array(fc.oneof(finite, fc.constant(Number.NaN)), { maxLength: 40 })
const kinds = fc.constantFrom<Transform>({ kind: 'auto' }, { kind: 'squash' }, { kind: 'log' }, { kind: 'none' })

const chosen = (transform: Transform, values: readonly number[]): Shapes =>
  chooseShapes(planOf([feature('x', transform)]), Float64Array.from(values), values.length)

function drawn(n: number, seed: number, of: (random: Random) => number): number[] {
  const random = new Random(seed)
  return Array.from({ length: n }, () => of(random))
}

describe('squash', () => {
  test.each(golden.columns)('is that of the reference: $name', ({ sample, values, squashed }) => {
    const shapes = chosen({ kind: 'squash' }, sample)
    values.forEach((x, i) => {
      expect(Math.abs(bent(shapes, 0, x) - squashed[i])).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(squashed[i])))
    })
  })

  test('leaves values near the median in their proportions, and far ones in their order', () => {
    const shapes = chosen(
      { kind: 'squash' },
      drawn(1000, 1, (random) => 100 + 5 * random.gaussian()),
    )
    const near = bent(shapes, 0, 105) - bent(shapes, 0, 100)
    expect((bent(shapes, 0, 110) - bent(shapes, 0, 105)) / near).toBeCloseTo(1, 1)
    expect(bent(shapes, 0, 1e9)).toBeGreaterThan(bent(shapes, 0, 1e8))
    expect(bent(shapes, 0, 1e9)).toBeLessThan(300)
  })
})

describe('auto', () => {
  const cases: readonly [string, number[], number][] = [
    ['amounts that are lognormal', drawn(1000, 2, (r) => Math.exp(3 + r.gaussian())), ShapeKind.log],
    ['the same with one absurd value', [1e300, ...drawn(1000, 2, (r) => Math.exp(3 + r.gaussian()))], ShapeKind.log],
    ['losses: lognormal and negative', drawn(1000, 3, (r) => -Math.exp(3 + r.gaussian())), ShapeKind.log],
    ['counts with a long tail', drawn(1000, 4, (r) => Math.floor(-5 * Math.log(1 - r.uniform()))), ShapeKind.log],
    ['a normal distribution', drawn(1000, 5, (r) => 50 + 9 * r.gaussian()), ShapeKind.plain],
    ['a uniform one', drawn(1000, 6, (r) => r.uniform()), ShapeKind.plain],
    ['a symmetric one about 0', drawn(1000, 7, (r) => 100 * r.gaussian()), ShapeKind.plain],
    ['logarithms already: skewed to the left', drawn(1000, 8, (r) => 9 + Math.log(r.uniform())), ShapeKind.plain],
    ['small shares, which the logarithm leaves as they are', drawn(1000, 9, (r) => 1e-6 * Math.exp(r.gaussian())), 0],
    ['a constant', new Array(100).fill(12), ShapeKind.plain],
    ['nothing at all', new Array(100).fill(Number.NaN), ShapeKind.plain],
  ]

  test.each(cases)('of %s', (_, values, kind) => {
    expect(chosen({ kind: 'auto' }, values).kind[0]).toBe(kind)
  })
})

describe('the shapes of a birth', () => {
  test('are sound, bend every finite value to a finite one, and keep the order, whatever the sample', () => {
    fc.assert(
      fc.property(kinds, sample, finite, finite, (transform, values, x, y) => {
        const shapes = chosen(transform, values)
        expect(areSound(shapes)).toBe(true)
        const [low, high] = [bent(shapes, 0, Math.min(x, y)), bent(shapes, 0, Math.max(x, y))]
        expect(Number.isFinite(low) && Number.isFinite(high) && low <= high).toBe(true)
        expect(Number.isFinite(unbent(shapes, 0, low))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('are undone by unbent, to rounding beside the scale', () => {
    const moderate = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(kinds, fc.array(moderate, { minLength: 3, maxLength: 30 }), moderate, (transform, values, x) => {
        const shapes = chosen(transform, values)
        const error = Math.abs(unbent(shapes, 0, bent(shapes, 0, x)) - x)
        expect(error).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(x), Math.abs(shapes.centre[0]), shapes.scale[0]))
      }),
      { numRuns: 500 },
    )
  })

  test('bend the sample as they bend the events that follow', () => {
    const features = [
      feature('a', { kind: 'auto' }),
      feature('b', { kind: 'squash' }),
      feature('c', { kind: 'log' }),
      feature('d', { kind: 'boolean' }),
    ]
    const plan = planOf(features)
    const random = new Random(1)
    const rows = Float64Array.from({ length: 400 }, (_, at) =>
      at % 4 === 3 ? (at % 8 === 3 ? 1 : 0) : Math.exp(2 * random.gaussian()),
    )
    const raw = rows.slice()
    const model = bornFrom(plan, rows, 100, 2)
    expect([...model.shapes.kind]).toEqual([ShapeKind.log, ShapeKind.squash, ShapeKind.log, ShapeKind.plain])
    expect(decidedTransforms(plan, model.shapes)).toEqual({ a: 'log' })
    const far = { low: new Float64Array(4).fill(-1e9), high: new Float64Array(4).fill(1e9), fill: new Float64Array(4) }
    const events = Array.from({ length: 100 }, (_, i) => ({
      id: 'e',
      a: raw[4 * i],
      b: raw[4 * i + 1],
      c: raw[4 * i + 2],
      d: raw[4 * i + 3] === 1,
    }))
    const bent = Array.from({ length: 100 }, (_, i) => [...rows.subarray(4 * i, 4 * i + 4)])
    // A birth has an order of its own.
    const ordered = (of: readonly (readonly number[])[]) => of.map(String).sort()
    expect(ordered(jsonVectors(plan, events, { ...far, shapes: model.shapes }).rows)).toEqual(ordered(bent))
  })

  test('leave what is missing missing', () => {
    const rows = Float64Array.of(Number.NaN, 5)
    bendRows({ ...plainShapes(1), kind: Uint8Array.of(ShapeKind.squash) }, rows, 2)
    expect([Number.isNaN(rows[0]), rows[1] > 4]).toEqual([true, true])
  })
})
