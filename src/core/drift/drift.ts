/** What the detection of drift remembers: a part of the model, so that whoever replays the log finds the same. */
import { type BinKind, binKind, type FeatureBins } from '../features/feature-bins.ts'
import type { FeatureCounts } from '../features/feature-counts.ts'
import type { FeaturePlan } from '../features/feature-plan.ts'
import type { Detector, DriftFinding, DriftKind } from './finding.ts'
import type { Paths } from './paths.ts'
import { segmentCells, segmentTests } from './segments.ts'
import { emptyTally, type Tally } from './tally.ts'

export interface DriftOptions {
  readonly enabled: boolean
  /** Events of the shortest window; it closes with the batch that fills it. */
  readonly windowEvents: number
  /** Greatest difference of two distribution functions that passes for none. */
  readonly ksThreshold: number
  /** The field whose values are segments; null: none. */
  readonly segmentField: string | null
}

export const driftDefaults: DriftOptions = { enabled: true, windowEvents: 1000, ksThreshold: 0.2, segmentField: null }

/** Windows that sums are made of, each four times as long as the one before. */
export const sumLengths = [4, 16, 64]
/** Closed windows whose statistics are remembered. */
export const historyWindows = 16
/** Sequential tests: see fit.ts. */
export const betCount = 4
export const mostFindings = 32
export const mostFormer = 8
export const mostPhases = 24

/** A drift that was found and is not over. */
export interface OpenDrift {
  readonly number: number
  readonly kind: DriftKind
  readonly detector: Detector
  /** Windows in a row that looked like the reference again, and that looked like one another. */
  returned: number
  settled: number
  /** Windows since it was found. */
  windows: number
  /** Version that the first events were learned in by which it was found. */
  readonly sinceVersion: number
  /** Of each feature, windows in a row in which it has kept its place: further.ts. */
  readonly still: Float64Array
}

/** How values are compared, by feature: the index of its kind. */
export const comparedKinds = ['number', 'phase', 'boolean', 'category'] as const satisfies readonly BinKind[]

export interface Drift {
  readonly options: DriftOptions
  readonly kinds: readonly BinKind[]
  /** Windows closed in this life. */
  closed: number
  /** The one being filled. */
  readonly window: Tally
  /** Being filled, one for each of `sumLengths`: sums.ts. */
  readonly sums: Tally[]
  reference: Tally
  /** What is now, while a drift is open. */
  candidate: Tally
  /** What was the reference before, oldest first. */
  former: readonly Tally[]
  /** Of each hour of the day; none while no record has a time. */
  phases: Tally[]
  /** Of the last windows, the distance of each feature, the excess of far distances, and the change of shares. */
  readonly history: Float64Array
  /** Logarithms of the wealth of each sequential test. */
  readonly bets: Float64Array
  open: OpenDrift | null
  /** Windows in a row in which something was to be seen, and was not told. */
  waited: number
  /** Drifts found in this life. */
  found: number
  /** The last ones, oldest first. */
  findings: readonly DriftFinding[]
  /** Of each column its feature; -1: the time of day or of the week, which goes round. */
  readonly featureOf: Float64Array
  /** Null until the reference is known. */
  paths: Paths | null
  /** Of the segments, in the order in which they came. */
  readonly segmentNames: string[]
  /** Logarithms of the wealth of the sequential tests of each segment; empty: there are none. */
  readonly segmentBets: Float64Array
}

/** Of a model that is being born from n events whose values were counted. */
export function firstDrift(
  plan: FeaturePlan,
  bins: FeatureBins,
  sample: FeatureCounts,
  n: number,
  k: number,
  options: DriftOptions,
): Drift {
  const hasSegments = options.segmentField !== null
  const cells = hasSegments ? segmentCells : 0
  const empty = () => emptyTally(plan.features.length, bins.from[plan.features.length], k, cells)
  const reference = empty()
  reference.sinceVersion = 1
  reference.placesSince = 1
  reference.events = n
  reference.features.bins.set(sample.bins)
  reference.features.missing.set(sample.missing)
  reference.features.clipped.set(sample.clipped)
  return {
    options,
    kinds: plan.features.map(binKind),
    closed: 0,
    window: empty(),
    sums: sumLengths.map(empty),
    reference,
    candidate: empty(),
    former: [],
    phases: [],
    history: new Float64Array(historyWindows * (plan.features.length + 2)),
    bets: new Float64Array(betCount),
    open: null,
    waited: 0,
    found: 0,
    findings: [],
    featureOf: Float64Array.from(plan.columns, ({ feature }) =>
      binKind(plan.features[feature]) === 'phase' ? -1 : feature,
    ),
    paths: null,
    segmentNames: [],
    segmentBets: new Float64Array(hasSegments ? segmentTests : 0),
  }
}

/** Findings of versions after `version`, oldest first. */
export function findingsSince({ findings }: Drift, version: number): readonly DriftFinding[] {
  return findings.filter((finding) => finding.version > version)
}
