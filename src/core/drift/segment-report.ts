/** In which segments a change concentrates. */
import { sum } from '../sum.ts'
import type { Drift } from './drift.ts'
import type { SegmentDrift } from './finding.ts'
import { binsOfSegment, mostSegments, segmentName } from './segments.ts'
import { shareFrom, tailBin } from './tail.ts'
import type { Tally } from './tally.ts'

const mostNamed = 5
/** What is beyond all but so much of the reference is unusual. */
const tailShare = 0.02

/**
 * Segments by their part in the total variation of segment and distance together, so by how many events each has and by how
 * far they lie; `first` comes first. [] where segments are not counted.
 */
export function segmentDrifts(drift: Drift, then: Tally, now: Tally, first: number | null): SegmentDrift[] {
  const [before, after] = [of(then), of(now)]
  const [n, m] = [before.total, after.total]
  if (!(n > 0 && m > 0)) return []
  const tail = tailBin(before.all, tailShare)
  const drifts = before.bins.map((ofBefore, segment) => {
    const ofAfter = after.bins[segment]
    let change = 0
    for (let b = 0; b < ofBefore.length; b++) change += Math.abs(ofBefore[b] / n - ofAfter[b] / m)
    return {
      segment,
      change,
      name: segmentName(drift, segment),
      before: sum(ofBefore) / n,
      after: sum(ofAfter) / m,
      unusualBefore: shareFrom(ofBefore, tail),
      unusualAfter: shareFrom(ofAfter, tail),
    }
  })
  const all = drifts.reduce((total, { change }) => total + change, 0)
  return drifts
    .filter(({ before: b, after: a }) => b > 0 || a > 0)
    .sort((a, b) => +(b.segment === first) - +(a.segment === first) || b.change - a.change || a.segment - b.segment)
    .slice(0, mostNamed)
    .map(({ segment: _, change, ...rest }) => ({ ...rest, share: all > 0 ? change / all : 0 }))
}

/** The bins of each segment, and of all together. */
function of(tally: Tally) {
  const segments = tally.segments.length === 0 ? 0 : mostSegments + 1
  const bins = Array.from({ length: segments }, (_, segment) => binsOfSegment(tally, segment))
  const all = Float64Array.from(bins[0] ?? [], (_, b) => bins.reduce((total, each) => total + each[b], 0))
  return { bins, all, total: sum(all) }
}
