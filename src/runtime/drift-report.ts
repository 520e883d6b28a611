/** What a version knows of drift, in metrics and in the state of the process. */
import { type DriftFinding, severities } from '../core/drift/finding.ts'
import { knownHours } from '../core/drift/phases.ts'
import { qualityStanding } from '../core/drift/quality-fall.ts'
import { featureDistances, openFindings, standings } from '../core/drift/standing.ts'
import type { FeaturePlan } from '../core/features/feature-plan.ts'
import type { Model } from '../core/model/model.ts'
import { eventOf } from '../stages/drift-records.ts'
import type { Health } from './health.ts'
import type { Telemetry } from './ports.ts'

interface DriftReporting {
  readonly plan: FeaturePlan
  readonly telemetry: Telemetry
  readonly health: Health
}

/** Reports the newest version. A critical drift that is open is for people to look at: the process is well, and ready. */
export function reportDrift(model: Model, { plan, telemetry, health }: DriftReporting): void {
  const { drift, control } = model
  telemetry.gauge('shoal_learning_frozen', control.frozen === null ? 0 : 1, {})
  if (!drift.options.enabled) return
  const open = openFindings(drift)
  for (const severity of severities) {
    telemetry.gauge('shoal_drift_open', open.filter((finding) => finding.severity === severity).length, { severity })
  }
  telemetry.gauge('shoal_drift_open_windows', drift.open?.windows ?? 0, {})
  for (const { detector, statistic, threshold } of [...standings(drift), ...qualityStanding(model)]) {
    telemetry.gauge('shoal_drift_statistic', statistic, { detector })
    telemetry.gauge('shoal_drift_threshold', threshold, { detector })
  }
  const distances = featureDistances(drift)
  plan.features.slice(0, distances.length).forEach(({ spec }, f) => {
    telemetry.gauge('shoal_drift_feature_distance', distances[f], { feature: spec.name })
  })
  telemetry.gauge('shoal_drift_window_events', drift.window.events, {})
  telemetry.gauge('shoal_drift_reference_events', drift.reference.events, {})
  telemetry.gauge('shoal_drift_known_phases', knownHours(drift), {})
  health.noticed(open.filter(({ severity }) => severity === 'critical').map((finding) => notice(finding, plan, model)))
}

function notice(finding: DriftFinding, plan: FeaturePlan, model: Model): string {
  const { kind, message, currentVersion } = eventOf(finding, plan, model)
  return `critical drift since version ${currentVersion}, ${kind.replace('drift.', '')}: ${message}`
}
