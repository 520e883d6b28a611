/**
 * Whether events lie farther from the usual places than they did, by sequential tests: each bets, window by window, that the
 * share of some kind of events is larger than the reference's by more than a margin, and says so when the bets have earned
 * what one without a change earns once in a stated number of events (e-detectors: Shin, Ramdas & Rinaldo 2023; the bets are
 * a mixture of likelihood ratios, of which each is an e-value of all smaller shares, since the binomial's is monotone).
 */
import { sum } from '../sum.ts'
import { wealthNeeded } from './bounds.ts'
import { isFitKnown } from './comparison.ts'
import { farShare, shareFrom, tailBin } from './tail.ts'
import type { Tally } from './tally.ts'

/** Events in the tail of the distances, in their upper quarter, far from all clusters, and called rare. */
const levels = [
  { share: 0.02, times: 2, more: 0.01 },
  { share: 0.25, times: 1.4, more: 0.05 },
] as const
/** Odds that are bet on, beside those of the largest share that is no change. */
const raises = [1.3, 2, 4, 8]
/** Standard errors of the reference's own share. */
const errors = 4
/** A wealth of so many times what is needed says no more, and is soon lost again. */
const mostWealth = 1.5

/** What a test is about: `hits` of `events` were of the kind, of which a share of `usual` is no change. */
export interface Bet {
  readonly hits: number
  readonly events: number
  readonly usual: number
}

/** One for each test, or null where the reference knows too little. */
export function betsOf(now: Tally, references: readonly Tally[]): readonly (Bet | null)[] {
  const known = references.filter(isFitKnown)
  const events = sum(now.distances)
  if (known.length < references.length || events === 0) return [null, null, null, null]
  const totals = known.map(({ distances }) => sum(distances))
  const ofDistance = levels.map(({ share, times, more }) => {
    const bin = tailBin(known[0].distances, share, totals[0])
    const usual = Math.max(
      ...known.map(({ distances }, i) => upperShare(shareFrom(distances, bin, totals[i]), totals[i])),
    )
    return { hits: sum(now.distances, bin), events, usual: Math.min(0.9, times * usual + more) }
  })
  const far = Math.max(...known.map((then, i) => upperShare(farShare(then, totals[i]), totals[i])))
  const allowed = now.allowed / now.events
  return [
    ...ofDistance,
    { hits: Math.min(now.far, events), events, usual: Math.min(0.9, 2 * far + 0.02) },
    { hits: Math.min(now.rare, events), events, usual: Math.min(0.9, 3 * allowed + 0.002) },
  ]
}

/** Lets the tests bet (IN and OUT: `wealth`, in logarithms, 0 at first): one that has lost begins again with nothing lost. */
export function place(wealth: Float64Array, bets: readonly (Bet | null)[], windowEvents: number): void {
  const most = mostWealth * wealthNeeded(windowEvents, wealth.length)
  bets.forEach((bet, i) => {
    if (bet === null) return
    const earned = earnings(bet)
    wealth[i] = Math.min(most, Math.max(0, Math.max(0, wealth[i]) + earned))
  })
}

/** Logarithm of the mean of the likelihood ratios. */
function earnings({ hits, events, usual }: Bet): number {
  const ratios = raises.map((raise) => {
    const share = (raise * usual) / (1 + (raise - 1) * usual)
    return hits * Math.log(share / usual) + (events - hits) * Math.log((1 - share) / (1 - usual))
  })
  const most = Math.max(...ratios)
  return most + Math.log(ratios.reduce((total, ratio) => total + Math.exp(ratio - most), 0) / ratios.length)
}

/** The share of so many events, and what their sample may be wrong by. */
export function upperShare(share: number, events: number): number {
  const within = Math.min(1, Math.max(0, share))
  return within + errors * Math.sqrt((within * (1 - within)) / events) + errors / events
}
