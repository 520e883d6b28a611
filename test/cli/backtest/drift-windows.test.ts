import { describe, expect, it } from 'vitest'
import { DriftWindows, windowRows } from '../../../src/cli/backtest/drift-windows.ts'
import { Random } from '../../../src/core/kmeans/random.ts'

const scale = Float64Array.of(1)
const all = (n: number, flag: 0 | 1 = 1) => new Uint8Array(n).fill(flag)
const twoClouds = (n: number, seed: number, shift = 0) => {
  const random = new Random(seed)
  return Float64Array.from({ length: n }, (_, i) => shift + (i % 2) * 100 + random.gaussian())
}
const good = { k: 2, mean: Float64Array.of(0, 100) }

describe('the windows of a stream', () => {
  it('have no refit before the second, and are judged in turn', () => {
    const drift = new DriftWindows(1)
    drift.add(twoClouds(2500, 1), 2500, all(2500), good, scale)
    expect(drift.windows).toHaveLength(1)
    drift.finish()
    expect(drift.windows.map(({ rows }) => rows)).toEqual([windowRows, 500])
    for (const { inertia, refit } of drift.windows) {
      expect(inertia).toBeCloseTo(1, 0)
      expect(refit / inertia).toBeCloseTo(1, 1)
    }
  })

  it('are the same however the rows come in pieces', () => {
    const rows = twoClouds(3000, 2)
    const whole = new DriftWindows(1)
    whole.add(rows, 3000, all(3000), good, scale)
    const pieces = new DriftWindows(1)
    for (let from = 0; from < 3000; from += 300) pieces.add(rows.slice(from, from + 300), 300, all(300), good, scale)
    expect(pieces.windows.map(({ refit }) => refit)).toEqual(whole.windows.map(({ refit }) => refit))
    for (const [i, { inertia }] of pieces.windows.entries()) expect(inertia).toBeCloseTo(whole.windows[i].inertia, 12)
  })

  it('that hold a row which is not to be judged are fitted on, but not judged', () => {
    const drift = new DriftWindows(1)
    drift.add(twoClouds(1000, 3), 1000, all(1000, 0), good, scale)
    drift.add(twoClouds(1000, 4), 1000, all(1000), good, scale)
    expect(drift.windows).toHaveLength(1)
  })

  it('show clusters that stayed behind, beside a refit that is one window behind', () => {
    const drift = new DriftWindows(1)
    for (const [i, shift] of [0, 10, 20].entries()) drift.add(twoClouds(1000, i, shift), 1000, all(1000), good, scale)
    const [first, second] = drift.windows
    expect(first.inertia).toBeCloseTo(101, -1)
    expect(second.inertia).toBeCloseTo(401, -1)
    expect(second.refit).toBeCloseTo(101, -1)
  })
})
