/** What is counted of the stream, and that each of those who go on with it has its own. */
import { describe, expect, test } from 'vitest'
import { type Drift, sumLengths } from '../../../src/core/drift/drift.ts'
import { hoursOf, knownHours } from '../../../src/core/drift/phases.ts'
import { summed, sumUp } from '../../../src/core/drift/sums.ts'
import { addTally, clearTally, emptyTally, type Tally } from '../../../src/core/drift/tally.ts'
import { DriftStream } from './drift-stream.ts'

const [features, bins, k, segments] = [2, 6, 3, 4]
const empty = () => emptyTally(features, bins, k, segments)

/** A window, the i-th of a stream whose places are taken anew with the sixth and the 40th. */
function windowOf(i: number): Tally {
  const tally = { ...empty(), windows: 1, events: 100 + i, far: i, rare: i % 3, allowed: 2, sinceVersion: 10 + i }
  tally.features.bins.forEach((_, at, all) => {
    all[at] = (7 * i + at) % 11
  })
  tally.places.forEach((_, at, all) => {
    all[at] = i + at
  })
  tally.segments.fill(i)
  const placesSince = i < 6 ? 1 : i < 40 ? 6 : 40
  const ranges = [{ partition: i % 2, from: 100 * i, to: 100 * i + 100 }]
  return { ...tally, placesSince, ranges, fromMs: 1000 * i, toMs: 1000 * i + 1000 }
}

function added(windows: readonly Tally[]): Tally {
  const all = empty()
  for (const window of windows) addTally(all, window)
  return all
}

function talliesOf({ window, sums, reference, candidate, former, phases }: Drift): readonly Tally[] {
  return [window, ...sums, reference, candidate, ...former, ...phases]
}

function arraysOf({ features: { bins: values, missing, clipped }, distances, places, segments: of }: Tally) {
  return [values, missing, clipped, distances, places, of]
}

describe('the sums of windows', () => {
  test('are what their windows are together, those that are filled and those that are being filled', () => {
    const { drift } = structuredClone(new DriftStream(1).model)
    drift.sums.splice(0, drift.sums.length, ...sumLengths.map(empty))
    const windows = Array.from({ length: 150 }, (_, i) => windowOf(i))
    windows.forEach((window, i) => {
      const filled = sumUp(drift, window)
      const lengths = sumLengths.filter((length) => (i + 1) % length === 0)
      expect(filled).toEqual(lengths.map((length) => added(windows.slice(i + 1 - length, i + 1))))
      sumLengths.forEach((length, level) => {
        expect(summed(drift, level)).toEqual(added(windows.slice(i + 1 - ((i + 1) % length), i + 1)))
      })
    })
  })
})

describe('a tally', () => {
  test('that was cleared is one of nothing', () => {
    const tally = windowOf(5)
    clearTally(tally)
    expect(tally).toEqual(empty())
  })

  test('of partitions that come and go has of each its first and its last offset', () => {
    const range = (partition: number, from: number, to: number) => ({ partition, from, to })
    const of = (...ranges: Tally['ranges']) => ({ ...windowOf(1), ranges })
    const all = added([
      of(range(3, 5, 9), range(1, 0, 4)),
      of(range(1, 4, 6), range(3, 9, 12)),
      of(range(2, 7, 8)),
      of(range(1, 6, 7), range(2, 8, 9), range(3, 12, 13)),
    ])
    expect(all.ranges).toEqual([range(1, 0, 7), range(2, 7, 9), range(3, 5, 13)])
  })
})

describe('through drifts that come, stay and go', () => {
  test.each([0, 3_600_000 / 500])(
    'no tally has a part of another, at %d ms between events: the window is counted anew in its place',
    (msPerEvent) => {
      const stream = new DriftStream(5, null, { a: 0.6, b: 0.4 })
      for (const shift of [{}, { 2: 1.5 }, {}, { 2: 1.5 }, { 4: 1 }]) {
        stream.observe(20_000, { shift }, 1000, msPerEvent).observe(1500, { shift }, 250, msPerEvent)
      }
      expect(stream.findings.length).toBeGreaterThan(2)
      const arrays = talliesOf(stream.model.drift).flatMap(arraysOf)
      expect(new Set(arrays).size).toBe(arrays.length)
    },
  )

  test('what is known of an hour is the same after it was compared with', () => {
    const stream = new DriftStream(6).observe(100_000, {}, 1000, 3_600_000 / 1000)
    const { drift } = stream.model
    expect(knownHours(drift)).toBe(24)
    const before = structuredClone(drift.phases)
    const at = (hours: number) => ({ ...drift.window, fromMs: 3_600_000, toMs: 3_600_000 * (1 + hours) })
    expect(hoursOf(drift, at(0.5))).toEqual(drift.phases[1])
    expect(hoursOf(drift, at(1.5))!.events).toBe(drift.phases[1].events + drift.phases[2].events)
    expect(drift.phases).toEqual(before)
  })
})
