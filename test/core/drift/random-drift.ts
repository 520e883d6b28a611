/** The detection of drift in a state as hostile as it may be while it is sound. */
import fc from 'fast-check'
import {
  betCount,
  comparedKinds,
  type Drift,
  historyWindows,
  mostPhases,
  type OpenDrift,
  sumLengths,
} from '../../../src/core/drift/drift.ts'
import { type DriftFinding, detectors, driftKinds, severities } from '../../../src/core/drift/finding.ts'
import type { Paths } from '../../../src/core/drift/paths.ts'
import { segmentCells, segmentTests } from '../../../src/core/drift/segments.ts'
import { distanceBins, emptyTally, type Tally } from '../../../src/core/drift/tally.ts'

const most = Number.MAX_SAFE_INTEGER
const count = fc.oneof(fc.nat(1000), fc.constantFrom(0, 1, 2 ** 50, most))
const time = fc.constantFrom(-1, 0, 1_760_000_000_000, most)
const range = fc.record({ partition: fc.nat(3), from: fc.nat(100), to: fc.integer({ min: 100, max: 1e9 }) })
const finite = fc.oneof(fc.constantFrom(0, -0, 1e100, 5e-324), fc.double({ min: -1e9, max: 1e9, noNaN: true }))
const each = <T>(of: fc.Arbitrary<T>, n: number) => fc.array(of, { minLength: n, maxLength: n })

function tally(features: number, bins: number, k: number, segments: number): fc.Arbitrary<Tally> {
  return fc
    .record({
      windows: fc.nat(100),
      visits: fc.nat(9),
      sinceVersion: fc.nat(1e9),
      events: count,
      bins: each(count, bins),
      missing: each(count, features),
      distances: fc.array(fc.tuple(fc.nat(distanceBins - 1), count), { maxLength: 5 }),
      places: each(count, k),
      placesSince: fc.nat(1e9),
      far: count,
      rare: fc.constantFrom(0, 0.25, 1e6),
      allowed: fc.constantFrom(0, 0.25, 1e6),
      ranges: fc.array(range, { maxLength: 2 }),
      times: fc.tuple(time, time),
      segments: fc.array(fc.tuple(fc.nat(Math.max(0, segments - 1)), count), { maxLength: segments === 0 ? 0 : 9 }),
    })
    .map(({ bins: values, missing, distances, places, times, segments: ofSegments, ...rest }) => {
      const made = emptyTally(features, bins, k, segments)
      for (const [at, events] of ofSegments) made.segments[at] = events
      made.features.bins.set(values)
      made.features.missing.set(missing)
      made.features.clipped.set(missing)
      for (const [bin, events] of distances) made.distances[bin] = events
      made.places.set(places)
      return { ...made, ...rest, fromMs: Math.min(...times), toMs: Math.max(...times) }
    })
}

const open = (features: number): fc.Arbitrary<OpenDrift | null> =>
  fc.option(
    fc.record({
      number: fc.integer({ min: 1, max: 1e9 }),
      kind: fc.constantFrom(...driftKinds),
      detector: fc.constantFrom(...detectors),
      returned: fc.nat(9),
      settled: fc.nat(9),
      windows: fc.nat(70),
      sinceVersion: fc.nat(1e9),
      still: each(fc.integer({ min: -1, max: 8 }), features).map((windows) => Float64Array.from(windows)),
    }),
  )

export const randomFinding: fc.Arbitrary<DriftFinding> = fc.record({
  number: fc.integer({ min: 1, max: 1e9 }),
  kind: fc.constantFrom(...driftKinds),
  severity: fc.constantFrom(...severities),
  detector: fc.constantFrom(...detectors),
  version: fc.integer({ min: 1, max: 1e9 }),
  referenceVersion: fc.nat(1e9),
  statistic: finite,
  threshold: finite,
  pValue: fc.double({ min: 0, max: 1, noNaN: true }),
  eventsBetweenFalse: finite,
  accepted: fc.boolean(),
  events: count,
  ranges: fc.array(range, { maxLength: 2 }),
  fromMs: time,
  toMs: time,
  features: fc.array(
    fc.record({
      feature: fc.nat(5),
      share: finite,
      distance: finite,
      stability: finite,
      divergence: finite,
      transport: finite,
      before: finite,
      after: finite,
      missingBefore: finite,
      missingAfter: finite,
      outsideBefore: finite,
      outsideAfter: finite,
    }),
    { maxLength: 2 },
  ),
  clusters: fc.array(fc.record({ id: fc.nat(100), before: finite, after: finite }), { maxLength: 2 }),
  segments: fc.array(
    fc.record({
      name: fc.string({ maxLength: 9 }),
      share: finite,
      before: finite,
      after: finite,
      unusualBefore: finite,
      unusualAfter: finite,
    }),
    { maxLength: 2 },
  ),
})

function paths(k: number, d: number): fc.Arbitrary<Paths> {
  return fc.integer({ min: 1, max: 3 }).chain((count) => {
    const cells = (of: fc.Arbitrary<number>) => each(of, count * d).map((values) => Float64Array.from(values))
    const counts = (of: fc.Arbitrary<number>) => each(of, count).map((values) => Float64Array.from(values))
    const place = fc.oneof(fc.constantFrom(0, 1e100, -1e100), fc.double({ min: -9, max: 9, noNaN: true }))
    return fc.record({
      placesSince: fc.constantFrom(1, 1, 7),
      groups: each(fc.integer({ min: 0, max: count }), k).map((values) => Float64Array.from(values)),
      spreads: cells(fc.constantFrom(0, 1e-9, 1, 1e100)),
      low: cells(place),
      high: cells(place),
      mean: cells(place),
      runs: cells(fc.integer({ min: -1000, max: 1000 })),
      events: counts(fc.constantFrom(0, 1, 1000, most)),
      fromMs: counts(time),
      blocks: counts(fc.nat(64)),
    })
  })
}

export function randomDrift(features: number, bins: number, k: number, d: number): fc.Arbitrary<Drift> {
  // Most models have none.
  return fc
    .constantFrom(0, 0, 0, segmentCells)
    .chain((segments) => driftWith(tally(features, bins, k, segments), segments > 0, features, k, d))
}

function driftWith(
  of: fc.Arbitrary<Tally>,
  hasSegments: boolean,
  features: number,
  k: number,
  d: number,
): fc.Arbitrary<Drift> {
  return fc
    .record({
      options: fc.record({
        segmentField: fc.constant(hasSegments ? 'channel' : null),
        enabled: fc.constantFrom(true, true, true, false),
        windowEvents: fc.constantFrom(1, 100, 1000),
        ksThreshold: fc.constantFrom(0.01, 0.2),
      }),
      kinds: each(fc.constantFrom(...comparedKinds), features),
      closed: fc.nat(1000),
      window: of,
      sums: each(of, sumLengths.length),
      reference: of,
      candidate: of,
      former: fc.array(of, { maxLength: 2 }),
      history: each(fc.double({ min: 0, max: 1, noNaN: true }), historyWindows * (features + 2)),
      bets: each(fc.constantFrom(0, 1, 20, -3), betCount),
      phases: fc.integer({ min: 0, max: 9 }).chain((of10) => each(of, of10 === 0 ? mostPhases : 0)),
      open: open(features),
      waited: fc.nat(20),
      found: fc.nat(1e9),
      findings: fc.array(randomFinding, { maxLength: 2 }),
      featureOf: each(fc.integer({ min: -1, max: features - 1 }), d).map((of) => Float64Array.from(of)),
      paths: fc.option(paths(k, d)),
      segmentNames: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 9 }), { maxLength: hasSegments ? 16 : 0 }),
      segmentBets: each(fc.constantFrom(0, 1, 20, -3), hasSegments ? segmentTests : 0),
    })
    .map(({ history, bets, segmentBets, ...rest }) => ({
      ...rest,
      segmentBets: Float64Array.from(segmentBets),
      history: Float64Array.from(history),
      bets: Float64Array.from(bets),
    }))
}
