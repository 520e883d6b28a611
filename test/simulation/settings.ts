/** What the processes of a world are configured to do. */
import { type ReactionPolicy, reactionDefaults } from '../../src/core/command/reactions.ts'
import { driftDefaults } from '../../src/core/drift/drift.ts'
import { planFeatures } from '../../src/core/features/feature-plan.ts'
import type { FeatureSpec } from '../../src/core/features/features.ts'
import { outputTopics } from '../../src/runtime/configuration/topics.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { profileFeature } from '../core/profiles/profiling.ts'
import type { Shape } from './plan.ts'

export const name = 'model'
export const fingerprint = 'feedfacecafebeef'
export const inputTopic = 'events'

/** Fewer than there are entities, so that some are given up all the time. */
const profileLimits = { limit: 4, key: null }

/** As few as can be compared. */
const driftWindowEvents = 100

/** All that is learned stays learned, so that the oracle can count it. */
const learnFasterAlways: ReactionPolicy = {
  ...reactionDefaults,
  of: Object.fromEntries(Object.keys(reactionDefaults.of).map((kind) => [kind, 'learnFaster'])) as ReactionPolicy['of'],
  events: 100,
}

/** Half of an event's age in the world, and more than a whole one. */
function profiled({ profiles }: Shape): readonly FeatureSpec[] {
  if (!profiles) return []
  const halves = { entity: 'who', halfLifeMs: 1000 }
  return [profileFeature('zScore', { ...halves, of: 'x0' }), profileFeature('count1h', halves)]
}

/** Of the second deployment, which shadows the first. */
const second = { name: 'beside', fingerprint: 'deadbeefdeadbeef', seed: 2 }

/** The first is the primary until another is promoted. */
export function deploymentsOf(shape: Shape): readonly ServiceSettings[] {
  const first = settingsOf(shape)
  if (shape.promotions === 0) return [first]
  const own = ['driftEvents', 'modelUpdates', 'models', 'audit', 'profiles'] as const
  const topics = { ...first.topics }
  for (const topic of own) if (topics[topic] !== null) topics[topic] = `${second.name}.${topics[topic]}`
  const beside = { ...first, ...second, topics, shadow: { of: first.name, beginsAt: 'earliest' } } as const
  return [first, beside].map((settings) => {
    const { name: of } = settings
    const shadow = { assignments: `${of}.shadow-assignments`, anomalies: `${of}.shadow-anomalies` }
    return { ...settings, topics: { ...settings.topics, shadow } }
  })
}

function settingsOf(shape: Shape): ServiceSettings {
  const features = Array.from({ length: shape.d }, (_, c) => ({
    name: `x${c}`,
    field: `x${c}`,
    transform: { kind: 'none' as const },
    weight: 1,
    missing: 'reject' as const,
  }))
  const plan = planFeatures({ id: 'id', time: null, timeUnitMs: 1, features: [...features, ...profiled(shape)] })
  return {
    name,
    topics: {
      ...outputTopics,
      input: inputTopic,
      profiles: shape.profiles ? outputTopics.profiles : null,
      shadow: null,
    },
    shadow: { of: null, beginsAt: 'earliest' },
    topicPolicy: { create: true, retentionMs: null, modelUpdatesRetentionMs: null, auditRetentionMs: null },
    plan,
    profiles: profileLimits,
    fingerprint,
    k: shape.k,
    seed: 1,
    halfLifeEvents: 500,
    rarityHalfLifeEvents: 200,
    birthEvents: shape.birthEvents,
    birthMaxWaitMs: shape.birthMaxWaitMs,
    budget: 0.02,
    drift: shape.drifts ? { ...driftDefaults, windowEvents: driftWindowEvents } : driftDefaults,
    reactions: shape.drifts ? learnFasterAlways : reactionDefaults,
    keyShare: null,
    topFeatures: 2,
    limit: { maxEvents: shape.maxEvents, maxBytes: 1 << 20 },
    onExpiredEvents: 'stop',
    publishEveryMs: shape.publishEveryMs,
    publishEveryEvents: shape.publishEveryEvents,
    keep: { allForMs: shape.keepAllForMs, hourlyForMs: 86_400_000, dailyForMs: 30 * 86_400_000 },
    shutdownMs: 10_000,
  }
}
