/** How far two points lie apart, feature by feature, in what the feature varies by. */
import type { FeaturePlan } from '../../core/features/feature-plan.ts'
import { runningSpreads } from '../../core/model/metric.ts'
import type { Model } from '../../core/model/model.ts'

/**
 * Of each feature the distance of the two points (d columns from `fromA` in a, from `fromB` in b) in running standard
 * deviations, its indicator included; weights of the configuration do not count.
 */
export function differencesInSpreads(
  model: Model,
  plan: FeaturePlan,
  a: Float64Array,
  fromA: number,
  b: Float64Array,
  fromB: number,
): Float64Array {
  const spreads = runningSpreads(model)
  const { fixedScale } = model.upkeep
  const away = (c: number) => (a[fromA + c] - b[fromB + c]) / (fixedScale[c] > 0 ? fixedScale[c] : spreads[c])
  return Float64Array.from(plan.features, ({ firstColumn, columns, indicatorColumn }) => {
    const own = Array.from({ length: columns }, (_, i) => away(firstColumn + i))
    const indicator = indicatorColumn < 0 ? 0 : away(indicatorColumn)
    return Math.min(Math.hypot(...own, indicator), Number.MAX_VALUE)
  })
}
