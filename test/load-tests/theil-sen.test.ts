import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inBlocks, type Point, theilSen } from '../../load-tests/theil-sen.ts'
import { trendOf } from '../../load-tests/trend.ts'

/** Of scipy.stats.theilslopes(y, x, 0.95), scipy 1.16: 40 points with every quarter x, of which some lie far off. */
const scattered = [
  3.662, 1.978, 2.224, 1.791, 2.505, 0.532, 0.478, -1.54, -1.096, 28.171, 27.998, -4.431, 26.123, 27.48, -2.952, -2.239,
  -2.843, -6.521, -7.708, -6.767, 23.579, -9.395, -7.233, -8.005, -10.217, -7.582, 19.745, -9.929, -12.262, 15.361,
  -10.769, -12.603, -14.554, -14.542, 18.091, -13.737, -14.721, -15.949, -17.203, -17.787,
]

const finite = { noNaN: true, noDefaultInfinity: true }

describe('the slope of Theil and Sen', () => {
  test('and its interval are those of scipy', () => {
    const found = theilSen(scattered.map((y, i): Point => [0.25 * i, y]))
    expect(found!.slope).toBeCloseTo(-2.1024659498207887, 12)
    expect(found!.least).toBeCloseTo(-2.2989999999999995, 12)
    expect(found!.most).toBeCloseTo(-1.8897142857142857, 12)
  })

  test('is that of the line, whatever a fifth of its points are', () => {
    const outliers = fc.array(fc.double({ min: -1e6, max: 1e6, ...finite }), { minLength: 8, maxLength: 8 })
    const slopes = fc.integer({ min: -100, max: 100 })
    fc.assert(
      fc.property(slopes, outliers, (slope, wild) => {
        const points = Array.from({ length: 40 }, (_, x): Point => [x, x % 5 === 0 ? wild[x / 5] : slope * x])
        expect(theilSen(points)!.slope).toBeCloseTo(slope, 9)
      }),
    )
  })

  test('is not given for three points', () => {
    expect(
      theilSen([
        [0, 0],
        [1, 1],
        [2, 2],
      ]),
    ).toBeNull()
  })
})

test('blocks are the medians of consecutive points, and of few points each is one', () => {
  const points: Point[] = [
    [0, 0],
    [1, 90],
    [2, 1],
    [3, 5],
    [4, 4],
    [5, 6],
  ]
  expect(inBlocks(points, 2)).toEqual([
    [1, 1],
    [4, 5],
  ])
  expect(inBlocks(points, 6)).toEqual(points)
})

describe('a figure over a day', () => {
  const samples = Array.from({ length: 600 }, (_, i) => ({ seconds: 144 * i, noise: ((i * 7919) % 13) - 6 }))
  const hours = (seconds: number) => seconds / 3600

  test('that moves about its level is flat', () => {
    expect(trendOf(samples, ({ noise }) => 300 + noise).verdict).toBe('flat')
  })

  test('that grows by a sixth a day rises, and one that shrinks so falls', () => {
    expect(trendOf(samples, ({ seconds, noise }) => 300 + 2 * hours(seconds) + noise).verdict).toBe('rises')
    expect(trendOf(samples, ({ seconds, noise }) => 300 - 2 * hours(seconds) + noise).verdict).toBe('falls')
  })

  test('grew at its beginning alone, and is flat', () => {
    expect(trendOf(samples, ({ seconds, noise }) => Math.min(300, 100 + 50 * hours(seconds)) + noise).verdict).toBe(
      'flat',
    )
  })

  test('cannot be told from a minute of it', () => {
    expect(
      trendOf(
        samples.map((each) => ({ ...each, seconds: each.seconds / 1440 })),
        ({ noise }) => 300 + noise,
      ).verdict,
    ).toBe('cannot tell')
  })
})
