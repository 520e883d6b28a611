import { describe, expect, it } from 'vitest'
import { finalInertia } from '../../../src/cli/backtest/final-clusters.ts'
import { RowSample } from '../../../src/cli/backtest/row-sample.ts'
import { Random } from '../../../src/core/kmeans/random.ts'

/** Two clouds at 0 and 10 on each of two axes. */
function sampleOf(n: number): RowSample {
  const random = new Random(5)
  const sample = new RowSample(2, 1)
  const rows = Float64Array.from({ length: 2 * n }, (_, i) => (Math.floor(i / 2) % 2) * 10 + random.gaussian())
  sample.add(rows, n)
  return sample
}
const unscaled = Float64Array.of(1, 1)

describe('the inertia at the end', () => {
  it('is that of batch k-means when the clusters are where it puts them', () => {
    const { final, ratio, bound } = finalInertia(sampleOf(2000), Float64Array.of(0, 0, 10, 10), 2, unscaled)
    expect(final).toBeCloseTo(2, 0)
    expect(ratio).toBeGreaterThan(0.999)
    expect(ratio).toBeLessThan(1.01)
    expect(bound).toBe('10 restarts')
  })

  it('is many times that when one cluster holds both clouds', () => {
    const { ratio } = finalInertia(sampleOf(2000), Float64Array.of(5, 5, 1000, 1000), 2, unscaled)
    expect(ratio).toBeGreaterThan(20)
  })

  it('is counted in the scaling that is given', () => {
    const once = finalInertia(sampleOf(500), Float64Array.of(0, 0, 10, 10), 2, unscaled)
    const twice = finalInertia(sampleOf(500), Float64Array.of(0, 0, 10, 10), 2, Float64Array.of(2, 2))
    expect(twice.final).toBeCloseTo(4 * once.final, 9)
    expect(twice.ratio).toBeCloseTo(once.ratio!, 9)
  })

  it('has no ratio when the batch fit lies on every row', () => {
    const sample = new RowSample(1, 1)
    sample.add(Float64Array.of(3, 3, 3), 3)
    expect(finalInertia(sample, Float64Array.of(3, 4), 2, Float64Array.of(1))).toMatchObject({ batch: 0, ratio: null })
  })
})
