import { describe, expect, test } from 'vitest'
import { place } from '../../../src/core/drift/fit.ts'
import { Random } from '../../../src/core/kmeans/random.ts'

const windowEvents = 200
const usual = 0.05
/** Wealth at which a test would call, small enough to be seen. */
const needed = 30
const mostWindows = 200

/** Windows until the wealth is there, where so large a share of the events is of the kind; `mostWindows` if it never is. */
function windowsUntil(share: number, random: Random): number {
  const wealth = new Float64Array(1)
  for (let window = 1; window <= mostWindows; window++) {
    let hits = 0
    for (let i = 0; i < windowEvents; i++) if (random.uniform() < share) hits++
    place(wealth, [{ hits, events: windowEvents, usual }], windowEvents)
    if (wealth[0] >= Math.log(needed)) return window
  }
  return mostWindows
}

function meanWindows(share: number, runs: number): number {
  const random = new Random(5)
  return Array.from({ length: runs }, () => windowsUntil(share, random)).reduce((sum, of) => sum + of, 0) / runs
}

describe('a sequential test', () => {
  test('without a change calls once in as many windows as its wealth, at most, on average', () => {
    expect(meanWindows(usual, 30)).toBeGreaterThanOrEqual(needed)
  })

  test('calls within three windows where the share is twice what is no change', () => {
    expect(meanWindows(2 * usual, 20)).toBeLessThanOrEqual(3)
  })

  test('has lost nothing by what came before: a change is found as soon after a long quiet as at once', () => {
    const wealth = new Float64Array(1)
    for (let window = 0; window < 100; window++) place(wealth, [{ hits: 0, events: 1000, usual }], windowEvents)
    expect(wealth[0]).toBe(0)
  })

  test('whose reference is not known stands still', () => {
    const wealth = Float64Array.of(3)
    place(wealth, [null], windowEvents)
    expect(wealth[0]).toBe(3)
  })
})
