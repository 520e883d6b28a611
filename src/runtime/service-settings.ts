/** What a configuration comes down to for a running process. */
import { planFeatures } from '../core/features/feature-plan.ts'
import type { Configuration } from './configuration/configuration.ts'
import type { ServiceSettings } from './service.ts'

/** Resolves what the configuration leaves open: no key is read anywhere else by a running service. */
export function serviceSettings(configuration: Configuration): ServiceSettings {
  const { name, input, features, clusters, bootstrap, anomalies, models, topics, worker, shadow } = configuration
  const { reactions, ...drift } = configuration.drift
  const plan = planFeatures({
    id: input.id,
    time: input.time,
    timeUnitMs: input.timeUnitMs,
    features,
    segmentField: drift.segmentField,
  })
  return {
    name,
    topics: {
      input: input.topic,
      assignments: topics.assignments,
      anomalies: topics.anomalies,
      deadLetters: topics.deadLetters,
      driftEvents: topics.driftEvents,
      modelUpdates: topics.modelUpdates,
      models: topics.models,
      audit: topics.audit,
      profiles: plan.profiles === null ? null : topics.profiles,
      primary: topics.primary,
      shadow: shadow.outputs ? { assignments: topics.shadowAssignments, anomalies: topics.shadowAnomalies } : null,
    },
    shadow: { of: shadow.of, beginsAt: shadow.beginsAt },
    topicPolicy: {
      create: topics.create,
      retentionMs: topics.retentionMs,
      modelUpdatesRetentionMs: topics.modelUpdatesRetentionMs,
      auditRetentionMs: topics.auditRetentionMs,
    },
    plan,
    profiles: configuration.profiles,
    fingerprint: configuration.fingerprint,
    k: clusters.k,
    seed: clusters.seed,
    halfLifeEvents: clusters.halfLifeEvents ?? Number.POSITIVE_INFINITY,
    rarityHalfLifeEvents: anomalies.rarityHalfLifeEvents,
    birthEvents: bootstrap.minEvents,
    birthMaxWaitMs: bootstrap.maxWaitMs,
    budget: anomalies.budget,
    drift,
    reactions: { of: reactions, asked: reactions.ask, ...reactions.learnFaster },
    keyShare: clusters.keyShare,
    topFeatures: anomalies.topFeatures,
    limit: { maxEvents: worker.maxEventsPerTransaction, maxBytes: worker.maxBytesPerTransaction },
    onExpiredEvents: input.onExpiredEvents,
    publishEveryMs: models.publishEveryMs,
    publishEveryEvents: models.publishEveryEvents,
    keep: models.keep,
    shutdownMs: worker.shutdownMs,
  }
}
