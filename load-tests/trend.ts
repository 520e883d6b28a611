/** Whether a figure of a long run stays as it is. */
import { medianOf, type Point, type Slope, theilSen } from './theil-sen.ts'

const secondsPerHour = 3600
/** What a slope may make of the level in a day. */
const flatPerDay = 0.1

export interface Trend {
  readonly least: number
  readonly median: number
  readonly most: number
  /** Of the second half; null: there is too little. */
  readonly perHour: Slope | null
  readonly verdict: 'flat' | 'rises' | 'falls' | 'cannot tell'
}

/** Samples without the figure are left out. */
export function trendOf<S extends { readonly seconds: number }>(
  samples: readonly S[],
  of: (sample: S) => number,
): Trend {
  const points = samples
    .map((sample): Point => [sample.seconds / secondsPerHour, of(sample)])
    .filter(([, y]) => Number.isFinite(y))
  const ys = points.map(([, y]) => y)
  const half = points.slice(Math.floor(points.length / 2))
  const perHour = theilSen(half)
  const level = { least: Math.min(...ys), median: medianOf(ys), most: Math.max(...ys) }
  if (perHour === null) return { ...level, perHour, verdict: 'cannot tell' }
  const most = (flatPerDay * Math.abs(medianOf(half.map(([, y]) => y)))) / 24
  if (perHour.least >= -most && perHour.most <= most) return { ...level, perHour, verdict: 'flat' }
  if (perHour.least <= 0 && perHour.most >= 0) return { ...level, perHour, verdict: 'cannot tell' }
  return { ...level, perHour, verdict: perHour.slope > 0 ? 'rises' : 'falls' }
}
