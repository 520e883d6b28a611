/** Whether a figure of a long run stays as it is. */
import { medianOf, type Point, type Slope, theilSen } from './theil-sen.ts'

const secondsPerHour = 3600
/** A slope that amounts to less of the level over what was looked at is none that matters. */
const matters = 0.01

export interface Trend {
  readonly least: number
  readonly median: number
  readonly most: number
  /** Of the second half; null: there is too little. */
  readonly perHour: Slope | null
  readonly verdict: 'flat' | 'rises' | 'falls' | 'too short'
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
  if (perHour === null) return { ...level, perHour, verdict: 'too short' }
  const hours = half[half.length - 1][0] - half[0][0]
  const isFlat = perHour.least <= 0 && perHour.most >= 0
  const isSmall = Math.abs(perHour.slope * hours) < matters * Math.abs(medianOf(half.map(([, y]) => y)))
  return { ...level, perHour, verdict: isFlat || isSmall ? 'flat' : perHour.slope > 0 ? 'rises' : 'falls' }
}
