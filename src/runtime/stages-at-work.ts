/** Both stages at work in one process: schemas first, then a membership each. */
import { leastBirthEvents } from '../core/kmeans/k-choice.ts'
import { scoreStage } from '../stages/score.ts'
import { expiredEvents } from './expired-events.ts'
import type { Health } from './health.ts'
import type { Insight } from './insight/insight.ts'
import { reportLag } from './lag.ts'
import { memberUntil } from './membership/member-until.ts'
import type { ModelFollower } from './model-follower.ts'
import { reportPartitions } from './partitions-held.ts'
import type { ReadLimit, Share } from './ports.ts'
import { Frontier } from './primary/frontier.ts'
import type { Primaries } from './primary/primaries.ts'
import { registerSchemas, registerShadow, type SchemaIds } from './registering.ts'
import { scoreShare } from './score-worker.ts'
import type { ServiceParts, ServiceSettings } from './service.ts'
import { supervise } from './supervision.ts'
import { type PreparedTopics, prepareTopics } from './topics.ts'
import { trainGroup } from './train-transaction.ts'
import { trainShare } from './train-worker.ts'

/** A version is published after many updates: none of them is in a hurry, and each comes with a transaction. */
const trainLimit: ReadLimit = { maxEvents: 1000, maxBytes: 32 * 1024 * 1024, gatherMs: 50 }

export interface ServiceState {
  readonly follower: ModelFollower
  readonly health: Health
  readonly insight: Insight
  readonly primaries: Primaries
  readonly onOwnership: (owns: boolean) => void
}

/** Schemas, then both memberships, until the signal fires. */
export async function runStages(
  settings: ServiceSettings,
  parts: ServiceParts,
  prepared: PreparedTopics,
  { follower, health, insight, primaries, onOwnership }: ServiceState,
  signal: AbortSignal,
): Promise<void> {
  const { log, clock, telemetry } = parts
  const ids = await registerSchemas(settings, parts, health, signal)
  if (ids === null) return
  health.recovered('service')
  health.running()
  const frontier = new Frontier({ input: settings.topics.input, log, clock, health })
  const state = { follower, health, insight, primaries, frontier }
  const score = (share: Share) => scoreShare(scoreOptions(settings, parts, prepared, state, ids), share)
  const train = (share: Share) =>
    trainShare(
      {
        ...settings,
        modelsTopic: settings.topics.models,
        updatesTopic: settings.topics.modelUpdates,
        modelSchemaId: ids.model,
        reactions: { policy: settings.reactions, schemaId: ids.modelCommand },
        driftEvents: { topic: settings.topics.driftEvents, schemaId: ids.driftEvent, name: settings.name },
        audit: { topic: settings.topics.audit, schemaId: ids.audit },
        follower,
        ...(parts.computer === undefined ? {} : { computer: parts.computer }),
        limit: trainLimit,
        sample: {
          ...parts,
          topic: settings.topics.input,
          partitions: prepared.inputPartitions,
          plan: settings.plan,
          profiles: settings.profiles,
          health,
          enoughEvents: settings.birthEvents,
          leastEvents: leastBirthEvents(settings.k),
          maxWaitMs: settings.birthMaxWaitMs,
          onProgress: (events, enough) => insight.birthProgress({ events, enough }),
        },
        health,
        onOwnership,
      },
      telemetry,
      share,
    )
  const supervision = { clock, telemetry, health, place: log.place }
  const expired = (topic: string) => expiredEvents({ topic, ...supervision }, signal)
  type Work = (share: Share) => Promise<void>
  const join = (stage: 'score' | 'train', group: string, topic: string, work: Work, isToGoOn: boolean) => {
    const onExpired = isToGoOn ? expired(topic) : undefined
    const run = (share: Share) => {
      void reportPartitions(stage, share, telemetry)
      if (stage === 'score') insight.works(share)
      return work(share)
    }
    return supervise(stage, (stop) => memberUntil(stop, log.join(group, topic, run, onExpired)), supervision, signal)
  }
  const lagging = {
    group: settings.name,
    topic: settings.topics.input,
    log,
    clock,
    telemetry,
    health,
    partitions: insight.partitions,
  }
  // None of these rejects: a second pair of members beside one that lives would fence it, and be fenced by it, for ever.
  await Promise.all([
    join('score', settings.name, settings.topics.input, score, settings.onExpiredEvents === 'continue'),
    // What the deleted updates would have taught is lost; a trainer that stops would lose the rest, too.
    join('train', trainGroup(settings.name), settings.topics.modelUpdates, train, true),
    supervise('primary', (stop) => frontier.run(stop), supervision, signal),
    supervise('lag', (stop) => reportLag(lagging, stop), supervision, signal),
  ])
}

function scoreOptions(
  settings: ServiceSettings,
  parts: ServiceParts,
  { inputPartitions, limits }: PreparedTopics,
  {
    follower,
    health,
    insight,
    primaries,
    frontier,
  }: Omit<ServiceState, 'onOwnership'> & { readonly frontier: Frontier },
  ids: SchemaIds,
): Parameters<typeof scoreShare>[0] {
  const projection = parts.projection()
  const { name, plan, topics, topicPolicy, shadow, keyShare, topFeatures, limit } = settings
  const { log, registry, clock, telemetry, onCommitted } = parts
  const stage = scoreStage({
    name,
    plan,
    projection,
    topics,
    schemaIds: ids,
    limits,
    encodeAnomaly: parts.encodeAnomaly(ids.anomaly),
    keyShare,
    topFeatures,
    onScored: (chunk) => insight.events.note(chunk),
    ...(topics.profiles === null || ids.profile === null
      ? {}
      : { profiles: { topic: topics.profiles, schemaId: ids.profile } }),
  })
  return {
    group: name,
    input: topics.input,
    stage,
    projection,
    registry,
    follower,
    limit,
    clock,
    telemetry,
    health,
    profiles:
      plan.profiles === null || topics.profiles === null
        ? null
        : { ...parts, plan: plan.profiles, limits: settings.profiles, topic: topics.profiles, health },
    partitions: inputPartitions,
    prepareOutputs: async (isShadow) => {
      if (isShadow) await registerShadow(settings, parts)
      const outputs = await prepareTopics(parts.log, topics, topicPolicy, isShadow || shadow.of !== null)
      return outputs.inputPartitions
    },
    roles: {
      name,
      topic: topics.primary,
      input: topics.input,
      beginsAt: shadow.beginsAt,
      log,
      clock,
      telemetry,
      primaries,
      frontier,
    },
    handOvers: {
      primary: { topic: topics.primary, schemaId: ids.primary },
      driftEvents: { topic: topics.driftEvents, schemaId: ids.driftEvent, name },
    },
    onProfiles: (keeper) => insight.keeps(keeper),
    ...(onCommitted === undefined ? {} : { onCommitted }),
  }
}
