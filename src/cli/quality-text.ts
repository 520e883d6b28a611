/** How good the clusters of a version are, as a person reads it on a terminal. */
import type { QualityRecord } from '../core/quality/quality.ts'
import { grouped, percent, ratio } from './output.ts'

export function qualityLines(of: QualityRecord): readonly string[] {
  const { version, trainedEvents, rows, refitRatio, refitted, stability, comparedVersion } = of
  const refit = refitRatio === null ? [] : [`beside a refit ${ratio(refitRatio, 3)}${refitted ? ' (taken)' : ''}`]
  const agreement =
    stability === null ? [] : [`agreement with version ${grouped(comparedVersion ?? 0)} ${ratio(stability, 3)}`]
  return [
    `quality of version ${grouped(version)}, after ${grouped(trainedEvents)} events, by a sample of ${grouped(rows)}:`,
    `  ${[`simplified silhouette ${ratio(of.silhouette, 3)}`, `Davies-Bouldin ${ratio(of.daviesBouldin, 3)}`, `variance left ${percent(of.unexplained)}`, ...refit, ...agreement].join(', ')}`,
    `  shares from ${percent(of.smallest)} over ${percent(of.median)} to ${percent(of.largest)}, as even as ${of.effective.toFixed(1)} clusters; ${of.empty} empty, ${of.starved} starved`,
  ]
}
