/** One process of Shoal: both stages, the follower and the snapshots, started, supervised and stopped in order. */
import type { FeaturePlan } from '../core/feature-plan.ts'
import type { Projection } from '../core/fields.ts'
import { type AnomalyValue, type ScoreFacts, scoreStage } from '../stages/score.ts'
import { answering } from './answering.ts'
import { Backoff } from './backoff.ts'
import { ShoalError } from './errors.ts'
import { Health, type Task } from './health.ts'
import { unlessAborted } from './interruption.ts'
import { reportLag } from './lag.ts'
import { ModelFollower } from './model-follower.ts'
import type {
  Clock,
  EventLog,
  Membership,
  ReadLimit,
  SchemaRegistry,
  Share,
  SnapshotStore,
  Telemetry,
} from './ports.ts'
import type { KeepPolicy } from './retention.ts'
import { scoreShare } from './score-worker.ts'
import { writeSnapshots } from './snapshot-writer.ts'
import { supervise } from './supervision.ts'
import { prepareTopics, type TopicNames, type TopicPolicy } from './topics.ts'
import { trainShare } from './train-worker.ts'

/** What the configuration comes down to for a running process. */
export interface ServiceSettings {
  readonly name: string
  readonly topics: TopicNames
  readonly topicPolicy: TopicPolicy
  readonly plan: FeaturePlan
  readonly fingerprint: string
  readonly k: number
  readonly seed: number
  /** Infinity: never forget. */
  readonly halfLifeEvents: number
  readonly rarityHalfLifeEvents: number
  readonly birthEvents: number
  readonly birthMaxWaitMs: number
  readonly budget: number
  readonly topFeatures: number
  readonly limit: ReadLimit
  readonly publishEveryMs: number
  readonly publishEveryEvents: number
  readonly keep: KeepPolicy
  readonly shutdownMs: number
}

/** What the composition root gives: adapters, and what only it knows how to build. */
export interface ServiceParts {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  /** Null: none is configured. */
  readonly snapshots: SnapshotStore | null
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** One of its own for each reader of the input. */
  readonly projection: () => Projection
  /** Text of schemas/<name>.avsc. */
  readonly schema: (name: string) => string
  readonly encodeAnomaly: (schemaId: number) => (value: AnomalyValue) => Uint8Array
  readonly onCommitted?: (facts: ScoreFacts) => void
}

export interface Service {
  readonly health: Health
  readonly follower: ModelFollower
  /** Finishes the transactions in flight, leaves the groups and closes everything, within the deadline or with `stopped.deadline`. */
  stop(): Promise<void>
}

const trainLimit: ReadLimit = { maxEvents: 1000, maxBytes: 32 * 1024 * 1024 }

/** Starts; the service goes on starting in the background until what it needs is there. */
export function startService(settings: ServiceSettings, parts: ServiceParts): Service {
  const { clock, telemetry } = parts
  const health = new Health(telemetry)
  const follower = new ModelFollower({
    name: settings.name,
    topic: settings.topics.models,
    fingerprint: settings.fingerprint,
    plan: settings.plan,
    log: parts.log,
    snapshots: parts.snapshots,
    telemetry,
    health,
  })
  const joining = new AbortController()
  const following = new AbortController()
  const supervision = { clock, telemetry, health }
  /** Started once there is a topic to follow. */
  let tail: Promise<void> | undefined
  let owns = false
  // A process that stops still owes the store the version that it published last.
  const onOwnership = (now: boolean) => {
    owns = now || (owns && joining.signal.aborted)
  }
  const stages = supervise(
    'service',
    async (signal) => {
      // Nothing is in flight yet: whoever stops now does not wait for a Kafka that is not there.
      const preparing = prepareTopics(parts.log, settings.topics, settings.topicPolicy)
      const partitions = await unlessAborted(signal, answering('service', preparing, supervision))
      if (partitions === null) return
      tail ??= supervise('model follower', (stop) => follower.run(stop), supervision, following.signal)
      await runStages(settings, parts, partitions, { follower, health, onOwnership }, signal)
    },
    supervision,
    joining.signal,
  )
  const store = parts.snapshots
  const writer =
    store === null
      ? Promise.resolve()
      : supervise(
          'snapshots',
          (signal) =>
            writeSnapshots(
              { name: settings.name, follower, snapshots: store, clock, telemetry, health, owns: () => owns },
              signal,
            ),
          supervision,
          following.signal,
        )
  const drain = async () => {
    health.stopping()
    joining.abort()
    await stages
    if (owns) await seeOwnLastVersion(parts.log, settings.topics.models, follower, clock)
    following.abort()
    await Promise.all([tail, writer])
    await Promise.all([parts.log.close(), parts.snapshots?.close(), parts.registry.close()])
  }
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= within(settings.shutdownMs, clock, drain())
    return stopped
  }
  return { health, follower, stop }
}

const lastVersionMs = 1_000

/** The snapshot is taken from the log, so the follower must see the last version before it may stop. */
async function seeOwnLastVersion(log: EventLog, topic: string, follower: ModelFollower, clock: Clock): Promise<void> {
  const timer = new AbortController()
  const late = clock.sleep(lastVersionMs, timer.signal).then(() => timer.abort())
  const seen = log.written({ topic, partition: 0 }).then(
    (end) => follower.reach(end, timer.signal),
    () => undefined, // The log is gone: the next owner writes the snapshot.
  )
  await Promise.race([seen, late])
  timer.abort()
}

interface ServiceState {
  readonly follower: ModelFollower
  readonly health: Health
  readonly onOwnership: (owns: boolean) => void
}

/** Schemas, then both memberships, until the signal fires. */
async function runStages(
  settings: ServiceSettings,
  parts: ServiceParts,
  partitions: number,
  { follower, health, onOwnership }: ServiceState,
  signal: AbortSignal,
): Promise<void> {
  const { log, clock, telemetry } = parts
  const ids = await registerSchemas(settings, parts, health, signal)
  if (ids === null) return
  health.recovered('service')
  health.running()
  const score = (share: Share) => scoreShare(scoreOptions(settings, parts, follower, health, ids), share)
  const train = (share: Share) =>
    trainShare(
      {
        ...settings,
        modelsTopic: settings.topics.models,
        modelSchemaId: ids.model,
        follower,
        limit: trainLimit,
        sample: {
          ...parts,
          topic: settings.topics.input,
          partitions,
          plan: settings.plan,
          projection: parts.projection(),
          health,
          enoughEvents: settings.birthEvents,
          leastEvents: 2 * settings.k,
          maxWaitMs: settings.birthMaxWaitMs,
        },
        health,
        onOwnership,
      },
      telemetry,
      share,
    )
  const supervision = { clock, telemetry, health }
  const join = (task: Task, group: string, topic: string, run: (share: Share) => Promise<void>) =>
    supervise(task, (stop) => member(log.join(group, topic, run), stop), supervision, signal)
  const lagging = { group: settings.name, topic: settings.topics.input, log, clock, telemetry, health }
  // None of these rejects: a second pair of members beside one that lives would fence it, and be fenced by it, for ever.
  await Promise.all([
    join('score', settings.name, settings.topics.input, score),
    join('train', `${settings.name}.train`, settings.topics.modelUpdates, train),
    supervise('lag', (stop) => reportLag(lagging, stop), supervision, signal),
  ])
}

interface SchemaIds {
  readonly assignment: number
  readonly anomaly: number
  readonly modelUpdate: number
  readonly model: number
}

/** Registers what Shoal writes; null when the signal fired first. */
async function registerSchemas(
  { topics }: ServiceSettings,
  { registry, schema, clock }: ServiceParts,
  health: Health,
  signal: AbortSignal,
): Promise<SchemaIds | null> {
  const backoff = new Backoff(clock)
  while (!signal.aborted) {
    try {
      const assignment = await registry.register(`${topics.assignments}-value`, schema('assignment'))
      const anomaly = await registry.register(`${topics.anomalies}-value`, schema('anomaly'))
      const modelUpdate = await registry.register(`${topics.modelUpdates}-value`, schema('model-update'))
      const model = await registry.register(`${topics.models}-value`, schema('model'))
      health.recovered('registry')
      return { assignment, anomaly, modelUpdate, model }
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error
      health.failed('registry', error.message)
      await backoff.wait(signal)
    }
  }
  return null
}

function scoreOptions(
  settings: ServiceSettings,
  parts: ServiceParts,
  follower: ModelFollower,
  health: Health,
  ids: SchemaIds,
): Parameters<typeof scoreShare>[0] {
  const projection = parts.projection()
  const { name, plan, topics, budget, topFeatures, limit } = settings
  const { registry, clock, telemetry, onCommitted } = parts
  const stage = scoreStage({
    name,
    plan,
    projection,
    topics,
    schemaIds: ids,
    encodeAnomaly: parts.encodeAnomaly(ids.anomaly),
    budget,
    topFeatures,
  })
  return {
    stage,
    projection,
    registry,
    follower,
    limit,
    clock,
    telemetry,
    health,
    ...(onCommitted === undefined ? {} : { onCommitted }),
  }
}

/** Stays a member until the signal fires, then leaves. */
async function member(membership: Membership, signal: AbortSignal): Promise<void> {
  const leave = () => void membership.leave()
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    await membership.done
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

async function within(ms: number, clock: Clock, work: Promise<void>): Promise<void> {
  const timer = new AbortController()
  const late = clock.sleep(ms, timer.signal).then(() => {
    if (!timer.signal.aborted) throw new ShoalError('stopped.deadline', `shutdown must finish within ${ms} ms`)
  })
  try {
    await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}
