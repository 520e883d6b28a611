/** How well scores find what the truth calls anomalous. */
import { averagePrecision, type Hits, hitsOfFlagged, hitsOfTopShare, rocAuc } from '../core/score/ranking.ts'
import type { Truth } from './truth.ts'

export interface Measures {
  readonly rocAuc: number | null
  readonly averagePrecision: number | null
  readonly atBudget: Hits
  readonly top01Percent: Hits
  readonly top1Percent: Hits
}

export interface KindRecall {
  readonly kind: string
  readonly events: number
  /** Share of them that the assignments, or the baseline, flag within the budget. */
  readonly assignments: number
  readonly baseline: number | null
}

export interface Judgement {
  /** Events that all methods score: those that are judged. */
  readonly events: number
  readonly positives: number
  readonly budget: number
  readonly assignments: Measures
  /** Null: the input has not been read. */
  readonly baseline: Measures | null
  readonly kinds: readonly KindRecall[]
}

/** What assignments say of each event, by index of the truth; NaN: none. */
export interface Assigned {
  readonly scores: Float64Array
  readonly remoteness: Float64Array
}

/**
 * Judges both scores on the same events. The assignments rank by remoteness and flag what reaches a score of 1 − budget,
 * as anomalies do; the baseline has no calibrated score, so it is given the budget exactly: its highest scores.
 *
 * @param baseline by index of the truth, NaN: none; or null.
 */
export function judge(truth: Truth, assigned: Assigned, baseline: Float64Array | null, budget: number): Judgement {
  const { scores, remoteness } = assigned
  const chosen: number[] = []
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isNaN(scores[i]) && (baseline === null || !Number.isNaN(baseline[i]))) chosen.push(i)
  }
  const positive = Uint8Array.from(chosen, (i) => truth.positive[i])
  const ours = Float64Array.from(chosen, (i) => remoteness[i])
  const flags = Uint8Array.from(chosen, (i) => (scores[i] >= 1 - budget ? 1 : 0))
  const theirs = baseline === null ? null : Float64Array.from(chosen, (i) => baseline[i])
  const theirFlags = theirs === null ? null : flagsOfTopShare(theirs, budget)
  return {
    events: chosen.length,
    positives: positive.reduce((sum, flag) => sum + flag, 0),
    budget,
    assignments: measures(ours, positive, hitsOfFlagged(flags, positive)),
    baseline: theirs === null ? null : measures(theirs, positive, hitsOfTopShare(theirs, positive, budget)),
    kinds: recallByKind(truth, chosen, positive, flags, theirFlags),
  }
}

/** Of scores that rank the events, and of what was flagged. */
export function measures(scores: Float64Array, positive: Uint8Array, atBudget: Hits): Measures {
  return {
    rocAuc: scores.length === 0 ? null : rocAuc(scores, positive),
    averagePrecision: scores.length === 0 ? null : averagePrecision(scores, positive),
    atBudget,
    top01Percent: hitsOfTopShare(scores, positive, 0.001),
    top1Percent: hitsOfTopShare(scores, positive, 0.01),
  }
}

/** Flags the highest scores; ties at the cut are flagged together. */
function flagsOfTopShare(scores: Float64Array, share: number): Uint8Array {
  if (scores.length === 0) return new Uint8Array(0)
  const sorted = scores.slice().sort()
  const cut = sorted[Math.max(0, scores.length - Math.max(1, Math.round(share * scores.length)))]
  return Uint8Array.from(scores, (score) => (score >= cut ? 1 : 0))
}

function recallByKind(
  truth: Truth,
  chosen: readonly number[],
  positive: Uint8Array,
  flags: Uint8Array,
  baselineFlags: Uint8Array | null,
): KindRecall[] {
  return truth.kindNames.flatMap((kind, number) => {
    const members = chosen.flatMap((index, i) => (truth.kind[index] === number && positive[i] === 1 ? [i] : []))
    if (members.length === 0) return []
    const recall = (of: Uint8Array) => members.reduce((sum, i) => sum + of[i], 0) / members.length
    const baseline = baselineFlags === null ? null : recall(baselineFlags)
    return [{ kind, events: members.length, assignments: recall(flags), baseline }]
  })
}
