/** Which features have changed where one of them is known to have. */
import { type Comparison, clearShare } from './comparison.ts'
import type { DriftKind } from './finding.ts'

/** A feature with so much of the greatest distance has drifted, too. */
const besides = 0.35

/** A feature that is above what is no drift has changed by itself, however much more another has. */
function changedFeatures({ distances, limits }: Comparison, ksThreshold: number): readonly number[] {
  const least = Math.max(ksThreshold * clearShare, besides * distances.reduce((most, x) => Math.max(most, x), 0))
  return Array.from(distances.keys()).filter((f) => distances[f] >= Math.min(least, Math.max(ksThreshold, limits[f])))
}

/** Of a change in features that came at once and is not that of one place. */
export function kindOfFeatures(found: Comparison, ksThreshold: number): DriftKind {
  return changedFeatures(found, ksThreshold).length <= 1 ? 'featureOnly' : 'sudden'
}
