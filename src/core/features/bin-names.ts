/** What the bins of a feature that is no number are called. */
import { binKind } from './feature-bins.ts'
import type { PlannedFeature } from './feature-plan.ts'
import { categoryName } from './user-units.ts'

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** One name for each of `count` bins; null: a number's bins have edges. Times are UTC. */
export function binNames(feature: PlannedFeature, count: number): readonly string[] | null {
  switch (binKind(feature)) {
    case 'number':
      return null
    case 'boolean':
      return ['false', 'true']
    case 'phase':
      return Array.from({ length: count }, (_, bin) => phaseName(feature, bin, count))
    case 'category':
      // What is none of the declared ones has the last bin of a one-hot; a hash has a bucket for everything.
      return Array.from({ length: count }, (_, bin) =>
        bin < feature.columns ? categoryName(feature, bin) : 'any other',
      )
  }
}

/** When it begins: `06:00`, `Mon 06:00`. */
function phaseName({ spec: { transform } }: PlannedFeature, bin: number, count: number): string {
  const hours = transform.kind === 'dayOfWeek' ? (bin * days.length * 24) / count : (bin * 24) / count
  const hour = `${String(Math.floor(hours % 24)).padStart(2, '0')}:00`
  return transform.kind === 'dayOfWeek' ? `${days[Math.floor(hours / 24)]} ${hour}` : hour
}
