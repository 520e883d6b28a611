/**
 * Events by segment: a model that is right on average may be wrong for one of them. A segment is a value of one field; the
 * first values that come have one each, and all others, and events without one, are together.
 */
import { sum } from '../sum.ts'
import { portions, wealthNeeded } from './bounds.ts'
import type { Drift } from './drift.ts'
import { type Bet, place, upperShare } from './fit.ts'
import { shareFrom, tailBin } from './tail.ts'
import type { Tally } from './tally.ts'

export const mostSegments = 16
/** Longer values are cut. */
export const mostNameBytes = 64
/** The segment of all others. */
export const restName = ''
/**
 * Bins of the log distance, and events that were called anomalous. A quarter of a nat from 0 to 5, where the distances of
 * most columns lie close together, a whole one beside that.
 */
export const segmentBins = 24
export const segmentWidth = segmentBins + 1
const scoreBinsPerNat = 32
const firstNat = -8
const [fineFrom, fineTo, finePerNat] = [0, 5, 4]
const coarseBelow = 2
/** Numbers that a tally has of segments. */
export const segmentCells = (mostSegments + 1) * segmentWidth
/** Tests of a segment. */
const testsEach = 4
export const segmentTests = (mostSegments + 1) * testsEach
/** Fewer events of a segment are no reference. */
const leastEvents = 400
/** Shares that lie beyond a segment's own quantiles: what is no change in them, as in fit.ts. */
const levels = [
  { share: 0.02, times: 2, more: 0.02 },
  { share: 0.25, times: 1.4, more: 0.05 },
] as const
/**
 * Events that come to lie anywhere are not far where clouds overlap, but hardly one of them is near: all but the nearest, and
 * of these the part that must be left.
 */
const [beyondNearest, leastLeft] = [0.85, 1 / 1.4]
/** Where more than this may be so far there is nothing to be seen. */
const mostUsual = 0.95
/** Times what was called anomalous, and so much more. */
const [rareTimes, rareMore] = [3, 0.01]

/** What a batch says of one segment, by name. */
export interface SegmentCounts {
  readonly name: string
  /** `segmentWidth` numbers. */
  readonly counts: Float64Array
}

/** The bin of a segment for a bin of the score. */
export function segmentBin(scoreBin: number): number {
  const nats = scoreBin / scoreBinsPerNat + firstNat
  const fine = (Math.max(fineFrom, Math.min(fineTo, nats)) - fineFrom) * finePerNat
  const below = Math.max(-coarseBelow, Math.floor(Math.min(0, nats - fineFrom)))
  const above = Math.max(0, nats - fineTo)
  return Math.min(segmentBins - 1, Math.floor(coarseBelow + below + fine + above))
}

/**
 * Adds what a batch says (IN and OUT: `into`, and the names of the model, which learn those that come first).
 *
 * @param ratio the budget of the model beside that by which the batch was called anomalous.
 */
export function countSegments(
  into: Float64Array,
  names: string[],
  segments: readonly SegmentCounts[],
  ratio: number,
): void {
  if (into.length === 0) return
  for (const { name, counts: asCalled } of segments) {
    const counts = ratio === 1 ? asCalled : asCalled.slice()
    scaleCalled(counts, ratio)
    const known = names.indexOf(name)
    const isNew = known < 0 && name !== restName && names.length < mostSegments
    if (isNew) names.push(name)
    const at = (known >= 0 ? known : isNew ? names.length - 1 : mostSegments) * segmentWidth
    for (let i = 0; i < segmentWidth; i++) {
      into[at + i] = Math.min(into[at + i] + (counts[i] ?? 0), Number.MAX_SAFE_INTEGER)
    }
  }
}

/** As many of each segment (IN and OUT) are called anomalous as by another budget, about so many times as large. */
export function scaleCalled(segments: Float64Array, ratio: number): void {
  if (ratio === 1) return
  for (let at = segmentBins; at < segments.length; at += segmentWidth) {
    // Of none there are none by any budget, also where the ratio is beyond all numbers.
    if (segments[at] === 0) continue
    const events = sum(segments.subarray(at - segmentBins, at))
    segments[at] = Math.min(Math.round(segments[at] * ratio), events, Number.MAX_SAFE_INTEGER)
  }
}

/** The name of a segment, for a person. */
export function segmentName({ segmentNames }: Drift, segment: number): string {
  return segmentNames[segment] ?? restName
}

/** The bins of one segment: a view. */
export function binsOfSegment({ segments }: Tally, segment: number): Float64Array {
  return segments.subarray(segment * segmentWidth, segment * segmentWidth + segmentBins)
}

function rareOf({ segments }: Tally, segment: number): number {
  return segments[segment * segmentWidth + segmentBins] ?? 0
}

/** One for each test of each segment, or null where the references know too little of it. */
export function segmentBets(now: Tally, references: readonly Tally[]): readonly (Bet | null)[] {
  return Array.from({ length: mostSegments + 1 }, (_, segment) => betsOn(segment, now, references)).flat()
}

function betsOn(segment: number, now: Tally, references: readonly Tally[]): readonly (Bet | null)[] {
  const bins = binsOfSegment(now, segment)
  const events = sum(bins)
  const known = references.map((then) => binsOfSegment(then, segment))
  if (events === 0 || known.some((then) => sum(then) < leastEvents)) return [null, null, null, null]
  const ofDistance = levels.map(({ share, times, more }) => {
    const tail = tailBin(known[0], share)
    const usual = Math.max(...known.map((then) => upperShare(shareFrom(then, tail), sum(then))))
    return { hits: sum(bins.subarray(tail)), events, usual: Math.min(0.9, times * usual + more) }
  })
  const nearest = tailBin(known[0], beyondNearest)
  const farther = Math.max(
    ...known.map((then) => {
      const share = shareFrom(then, nearest)
      return Math.max(upperShare(share, sum(then)), 1 - leastLeft * (1 - share))
    }),
  )
  const rare = Math.max(
    ...references.map((then, i) => upperShare(rareOf(then, segment) / sum(known[i]), sum(known[i]))),
  )
  const hits = Math.min(events, rareOf(now, segment))
  return [
    ...ofDistance,
    farther > mostUsual ? null : { hits: sum(bins.subarray(nearest)), events, usual: farther },
    { hits, events, usual: Math.min(0.9, rareTimes * rare + rareMore) },
  ]
}

/** A segment that is not as it was. */
export interface SegmentSighting {
  readonly segment: number
  readonly isOfAnomalies: boolean
  readonly bet: Bet
}

/** Lets the tests bet on a window (IN and OUT: `drift`), and gives the segment whose test is most above what it needs. */
export function betOnSegments(drift: Drift, bets: readonly (Bet | null)[]): SegmentSighting | null {
  const { windowEvents } = drift.options
  place(drift.segmentBets, bets, windowEvents)
  const needed = segmentWealthNeeded(windowEvents)
  let most = -1
  bets.forEach((bet, i) => {
    if (bet === null || drift.segmentBets[i] < needed || bet.hits <= bet.usual * bet.events) return
    if (most < 0 || drift.segmentBets[i] > drift.segmentBets[most]) most = i
  })
  const bet = bets[most] ?? null
  if (bet === null) return null
  return { segment: Math.floor(most / testsEach), isOfAnomalies: most % testsEach === testsEach - 1, bet }
}

/** Whether a test has a quarter of what it needs, in logarithms: without a change that is seldom so. */
export function isSegmentSuspected({ segmentBets: wealth, options: { windowEvents } }: Drift): boolean {
  return wealth.length > 0 && wealth.some((each) => each > segmentWealthNeeded(windowEvents) / 4)
}

export function segmentWealthNeeded(windowEvents: number): number {
  return wealthNeeded(windowEvents, segmentTests, portions.segments)
}
