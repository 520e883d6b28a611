import { describe, expect, it } from 'vitest'
import { RowSample } from '../../../src/cli/backtest/row-sample.ts'

const numbered = (from: number, n: number) => Float64Array.from({ length: 2 * n }, (_, i) => from + Math.floor(i / 2))

describe('the rows kept of a stream', () => {
  it('are all of them, in their order, while they fit', () => {
    const sample = new RowSample(2, 1, 10)
    sample.add(numbered(0, 4), 4)
    sample.add(numbered(4, 6), 6)
    expect([...sample.view()]).toEqual([...numbered(0, 10)])
  })

  it('are never more than fit, and whole rows', () => {
    const sample = new RowSample(2, 1, 10)
    for (let from = 0; from < 1000; from += 7) sample.add(numbered(from, 7), 7)
    const rows = sample.view()
    expect(sample.n).toBe(10)
    expect(rows).toHaveLength(20)
    expect(rows.filter((_, i) => i % 2 === 0)).toEqual(rows.filter((_, i) => i % 2 === 1))
  })

  it('come from the beginning and the end of the stream alike', () => {
    const sample = new RowSample(2, 1, 2000)
    for (let from = 0; from < 20_000; from += 100) sample.add(numbered(from, 100), 100)
    const early = sample.view().filter((value, i) => i % 2 === 0 && value < 10_000).length
    // Six standard deviations of a fair choice.
    expect(Math.abs(early - 1000)).toBeLessThan(135)
  })
})
