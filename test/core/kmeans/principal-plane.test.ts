import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeOn, principalPlane } from '../../../src/core/kmeans/principal-plane.ts'
import { Random } from '../../../src/core/kmeans/random.ts'

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, c) => sum + value * b[c], 0)

describe('the principal plane', () => {
  test('is spanned by the axes of most spread', () => {
    const random = new Random(3)
    const d = 5
    const points = new Float64Array(400 * d)
    const spreads = [0.1, 7, 0.3, 2, 0.2]
    for (let at = 0; at < points.length; at++) points[at] = 3 + spreads[at % d] * random.gaussian()
    const { centre, x, y } = principalPlane(points, new Float64Array(400).fill(1), d)
    for (const value of centre) expect(Math.abs(value - 3)).toBeLessThan(1)
    expect(x[1]).toBeGreaterThan(0.99)
    expect(y[3]).toBeGreaterThan(0.99)
  })

  test('has two axes of length 1 at right angles, whatever the points are', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.array(value, { minLength: 6, maxLength: 60 }), (d, values) => {
        const n = Math.floor(values.length / d)
        const points = Float64Array.from(values.slice(0, n * d))
        const plane = principalPlane(points, new Float64Array(n).fill(1), d)
        expect(dot(plane.x, plane.x)).toBeCloseTo(1, 6)
        expect(dot(plane.y, plane.y)).toBeCloseTo(1, 6)
        expect(Math.abs(dot(plane.x, plane.y))).toBeLessThan(1e-6)
        for (let i = 0; i < n; i++) expect(placeOn(plane, points, i * d).every(Number.isFinite)).toBe(true)
      }),
      // Nearly on a line: the second axis is what rounding leaves of the first.
      {
        numRuns: 300,
        examples: [[2, [-201.02057962691583, 2.7295621056453744e-5, 0, 2.7772359752615896e-6, 0, 0, 0, 0, 0]]],
      },
    )
  })

  test('of one column is a line', () => {
    const { x, y } = principalPlane(Float64Array.of(1, 5), Float64Array.of(1, 1), 1)
    expect([...x, ...y]).toEqual([1, 0])
  })

  test('is the same for the same points, and does not flip with them', () => {
    const points = Float64Array.of(1, 2, 5, 1, -3, 4, 0, 9)
    const plane = principalPlane(points, Float64Array.of(1, 2, 3, 4), 2)
    const mirrored = principalPlane(
      points.map((value) => -value),
      Float64Array.of(1, 2, 3, 4),
      2,
    )
    expect(mirrored.x).toEqual(plane.x)
    expect(mirrored.y).toEqual(plane.y)
  })
})
