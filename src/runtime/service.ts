/** One process of Shoal: both stages, the follower and the snapshots, started, supervised and stopped in order. */
import type { ReactionPolicy } from '../core/command/reactions.ts'
import type { DriftOptions } from '../core/drift/drift.ts'
import type { FeaturePlan } from '../core/features/feature-plan.ts'
import type { Projection } from '../core/fields/fields.ts'
import { invalidReasons } from '../core/fields/invalid.ts'
import type { ClusterCount } from '../core/kmeans/k-choice.ts'
import type { ProfileLimits } from '../core/profiles/profiles.ts'
import type { AnomalyValue, ScoreFacts } from '../stages/score.ts'
import { answering } from './answering.ts'
import type { Audit } from './audit/audit.ts'
import { auditOf } from './audit/audit-of.ts'
import { type ToldConfiguration, tellConfiguration } from './audit/configuration-record.ts'
import { ShoalError } from './errors.ts'
import { Health } from './health.ts'
import { Insight } from './insight/insight.ts'
import { unlessAborted } from './interruption.ts'
import { ModelFollower } from './model-follower.ts'
import type { Clock, Computer, EventLog, ReadLimit, SchemaRegistry, SnapshotStore, Telemetry } from './ports.ts'
import { Primaries } from './primary/primaries.ts'
import { meteredRegistry, meteredSnapshots, requestMeter } from './request-meter.ts'
import type { KeepPolicy } from './retention.ts'
import { writeSnapshots } from './snapshot-writer.ts'
import { runStages } from './stages-at-work.ts'
import { supervise } from './supervision.ts'
import { prepareTopics, type TopicNames, type TopicPolicy } from './topics.ts'
import { VersionBook } from './versions/version-book.ts'

/** What the configuration comes down to for a running process. */
export interface ServiceSettings {
  readonly name: string
  readonly topics: TopicNames
  readonly topicPolicy: TopicPolicy
  readonly shadow: ShadowSettings
  readonly plan: FeaturePlan
  /** How many are kept, and by which entity producers key. */
  readonly profiles: ProfileLimits
  readonly fingerprint: string
  readonly k: ClusterCount
  readonly seed: number
  /** Infinity: never forget. */
  readonly halfLifeEvents: number
  readonly rarityHalfLifeEvents: number
  readonly birthEvents: number
  readonly birthMaxWaitMs: number
  readonly budget: number
  readonly drift: DriftOptions
  readonly reactions: ReactionPolicy
  /** The most that the events of one key may be of what is learned; null: all. */
  readonly keyShare: number | null
  readonly topFeatures: number
  readonly limit: ReadLimit
  /** What to do when retention has deleted events that were not read yet. */
  readonly onExpiredEvents: 'continue' | 'stop'
  readonly publishEveryMs: number
  readonly publishEveryEvents: number
  readonly keep: KeepPolicy
  readonly shutdownMs: number
}

/** How this deployment stands to others that read the same input and write the same outputs. */
export interface ShadowSettings {
  /** The first of them; null: this one is. */
  readonly of: string | null
  /** Where it begins when it has no position. */
  readonly beginsAt: 'earliest' | 'primary'
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
  /** Does what takes time in the fold; unset: the thread that does all else. */
  readonly computer?: Computer
  /** What the audit is told at the start; unset: nothing. */
  readonly configuration?: ToldConfiguration
}

export interface Service {
  readonly health: Health
  readonly follower: ModelFollower
  readonly versions: VersionBook
  readonly insight: Insight
  readonly audit: Audit
  readonly primaries: Primaries
  /** Finishes the transactions in flight, leaves the groups and closes everything, within the deadline or with `stopped.deadline`. */
  stop(): Promise<void>
}

/** Starts; the service goes on starting in the background until what it needs is there. */
export function startService(settings: ServiceSettings, given: ServiceParts): Service {
  const { clock } = given
  countFromZero(given.telemetry)
  if (given.snapshots === null) tellNoSnapshots(given.telemetry)
  const health = new Health(given.telemetry, clock)
  const { name, plan, fingerprint, topics, topicPolicy, shadow } = settings
  const models = { name, plan, fingerprint, topic: topics.models, log: given.log }
  const versions = new VersionBook({ ...models, clock })
  const unheard = metered(given)
  const follower = new ModelFollower({ ...models, ...unheard, health, versions })
  const insight = new Insight(follower, clock)
  const telemetry = insight.pulse.listening(unheard.telemetry)
  const parts = { ...unheard, telemetry }
  const audit = auditOf(settings, parts, 'API')
  const primaries = new Primaries({
    topic: topics.primary,
    first: shadow.of ?? name,
    log: given.log,
    telemetry,
    health,
  })
  const joining = new AbortController()
  const following = new AbortController()
  const beating = insight.pulse.run(following.signal)
  const supervision = { clock, telemetry, health, place: parts.log.place }
  /** Started once there is a topic to follow. */
  let tail: Promise<void> | undefined
  let telling: Promise<void> | undefined
  let primaryTail: Promise<void> | undefined
  let owns = false
  // A process that stops still owes the store the version that it published last.
  const onOwnership = (now: boolean) => {
    owns = now || (owns && joining.signal.aborted)
  }
  const stages = supervise(
    'service',
    async (signal) => {
      // Nothing is in flight yet: whoever stops now does not wait for a Kafka that is not there.
      const preparing = prepareTopics(parts.log, topics, topicPolicy, shadow.of !== null)
      const prepared = await unlessAborted(signal, answering('service', preparing, supervision))
      if (prepared === null) return
      tail ??= supervise('model follower', (stop) => follower.run(stop), supervision, following.signal)
      primaryTail ??= supervise('primary', (stop) => primaries.run(stop), supervision, following.signal)
      telling ??= tellConfiguration(audit, settings, parts, joining.signal)
      await runStages(settings, parts, prepared, { follower, health, insight, primaries, onOwnership }, signal)
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
    await Promise.all([tail, primaryTail, writer, beating, telling, audit.close()])
    await Promise.all([parts.log.close(), parts.snapshots?.close(), parts.registry.close(), parts.computer?.close()])
  }
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= within(settings.shutdownMs, clock, drain())
    return stopped
  }
  return { health, follower, versions, insight, audit, primaries, stop }
}

/** The same parts, whose requests are counted. What the log asks is counted by its adapter. */
function metered(parts: ServiceParts): ServiceParts {
  const { registry, snapshots, telemetry, clock } = parts
  return {
    ...parts,
    registry: meteredRegistry(registry, requestMeter('registry', telemetry, clock)),
    snapshots: snapshots === null ? null : meteredSnapshots(snapshots, requestMeter('redis', telemetry, clock)),
  }
}

/** A counter that appears with its first value has no rate: the first dead letters of a process would go unseen. */
function countFromZero(telemetry: Telemetry): void {
  for (const reason of invalidReasons) {
    if (reason !== 'valid') telemetry.count('shoal_dead_letters_total', 0, { reason })
  }
  telemetry.count('shoal_hand_overs_total', 0, {})
  for (const kind of ['access', 'command', 'configuration']) telemetry.count('shoal_audit_failures_total', 0, { kind })
  for (const stage of ['score', 'train'] as const) {
    telemetry.count('shoal_rebalances_total', 0, { stage })
    for (const outcome of ['committed', 'abandoned', 'fenced'] as const) {
      telemetry.count('shoal_transactions_total', 0, { stage, outcome })
    }
  }
}

/** A gauge is 0 from the start, and 0 would be a snapshot of 1970 where there is no store. */
function tellNoSnapshots(telemetry: Telemetry): void {
  for (const name of ['shoal_snapshot_version', 'shoal_snapshot_published_timestamp_seconds'] as const) {
    telemetry.gauge(name, Number.NaN, {})
  }
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
