/** Where the detection stands: which drifts are open, and how near each detector was to another in the newest window. */
import { wealthNeeded } from './bounds.ts'
import { betCount, type Drift } from './drift.ts'
import type { Detector, DriftFinding } from './finding.ts'
import { past } from './passing.ts'
import { segmentWealthNeeded } from './segments.ts'
import { betDetectors } from './sightings.ts'
import { longestRun, runNeeded } from './walks.ts'

/** A detector's statistic beside what it must be above. */
export interface Standing {
  readonly detector: Detector
  readonly statistic: number
  readonly threshold: number
}

/** The findings whose drift is not over. */
export function openFindings({ findings }: Drift): readonly DriftFinding[] {
  const over = findings.filter(({ kind }) => kind === 'cleared').map(({ number }) => number)
  return findings.filter(({ number, kind }) => kind !== 'cleared' && !over.includes(number))
}

/**
 * Versions in which what the stream had become was taken for usual, ascending, as far as they are remembered; [] while what is
 * usual is what the birth saw.
 */
export function acceptedVersions({ findings, reference: { sinceVersion } }: Drift): readonly number[] {
  const accepted = findings.filter((finding) => finding.accepted).map(({ version }) => version)
  // People can give a reference without a drift; and of an older acceptance only the reference is left.
  const isKnown = sinceVersion <= (accepted.at(-1) ?? 1)
  return isKnown ? accepted : [...accepted, sinceVersion]
}

/** By feature, its distance from the reference in the newest window that was closed. */
export function featureDistances(drift: Drift): Float64Array {
  return Float64Array.from(drift.kinds, (_, feature) => past(drift, 0, feature))
}

/**
 * Of the newest window that was closed; none before the first. The sequential tests stand at the logarithms of their wealth,
 * paths at the blocks in a row that a centroid was away: of what a detector has several of, the one that has most.
 */
export function standings(drift: Drift): readonly Standing[] {
  if (drift.closed === 0) return []
  const { ksThreshold, windowEvents } = drift.options
  const needed = wealthNeeded(windowEvents, betCount)
  const wealth = (of: Detector) => Math.max(0, ...drift.bets.filter((_, i) => betDetectors[i] === of))
  return [
    { detector: 'features', statistic: Math.max(0, ...featureDistances(drift)), threshold: ksThreshold },
    { detector: 'shares', statistic: past(drift, 0, drift.kinds.length + 1), threshold: ksThreshold },
    { detector: 'fit', statistic: wealth('fit'), threshold: needed },
    ...(drift.paths === null
      ? []
      : [
          {
            detector: 'centroids' as const,
            statistic: longestRun(drift.paths.runs),
            threshold: runNeeded(drift.paths, windowEvents),
          },
        ]),
    ...(drift.segmentBets.length === 0
      ? []
      : [
          {
            detector: 'segments' as const,
            statistic: Math.max(0, ...drift.segmentBets),
            threshold: segmentWealthNeeded(windowEvents),
          },
        ]),
    { detector: 'anomalies', statistic: wealth('anomalies'), threshold: needed },
  ]
}
