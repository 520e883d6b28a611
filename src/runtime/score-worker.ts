/** The score stage at work on one generation's share: read, compute, commit, the next batch while the last commits. */
import type { Projection } from '../core/fields/fields.ts'
import { countOf, type RecordBatch, spanOf } from '../stages/records.ts'
import { chunkEvents, type ScoreFacts, type ScoreRun, type ScoreStage } from '../stages/score.ts'
import { isFenced } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { ModelFollower } from './model-follower.ts'
import type { Clock, ReadLimit, SchemaRegistry, Share, Telemetry, Transaction } from './ports.ts'
import { appendHandOvers, type HandOverTopics } from './primary/hand-overs.ts'
import type { HandOver } from './primary/primary-record.ts'
import { type RoleOptions, Roles } from './primary/roles.ts'
import { linkProducers } from './producer-links.ts'
import { ProfileKeeper, type ProfileKeeperOptions } from './profile-keeper.ts'
import { readLimit } from './read-limit.ts'
import { SchemaWaits } from './schema-waits.ts'
import { inSpan, type MessageWork, type Span } from './span.ts'

export interface ScoreWorkerOptions {
  /** The group that works, and the topic that it reads. */
  readonly group: string
  readonly input: string
  readonly stage: ScoreStage
  readonly projection: Projection
  readonly registry: SchemaRegistry | null
  /** Null: no feature asks for a profile. */
  readonly profiles: ProfileKeeperOptions | null
  readonly follower: ModelFollower
  readonly limit: ReadLimit
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
  /** How many partitions the outputs were given when this worker began. */
  readonly partitions: number
  /** Gives the outputs, and those of a shadow, as many partitions as the input has now; resolves with that number. */
  readonly prepareOutputs: (isShadow: boolean) => Promise<number>
  readonly roles: RoleOptions
  readonly handOvers: HandOverTopics
  /** Told who keeps the profiles of this share. */
  readonly onProfiles?: (keeper: ProfileKeeper) => void
  /** Told what each committed transaction held. */
  readonly onCommitted?: (facts: ScoreFacts) => void
}

/** What is more is computed while the transaction before it commits: this takes less time than a request. */
const fewEvents = 500
const fewBytes = 256 * 1024

/** Works until the share ends. On any error nothing that was not committed is kept. */
export async function scoreShare(options: ScoreWorkerOptions, share: Share): Promise<void> {
  const { telemetry, follower, health } = options
  telemetry.count('shoal_shares_total', 1, { stage: 'score' })
  health.recovered('kafka', 'score')
  if (follower.current() === null) await follower.newerThan(null, share.ended)
  const waits = new SchemaWaits(options, share)
  const roles = new Roles(options.roles, share)
  let { partitions } = options
  let isShadow = false
  const keeper = options.profiles === null ? null : new ProfileKeeper(options.profiles, share, partitions)
  if (keeper !== null) options.onProfiles?.(keeper)
  let committing: Promise<void> = Promise.resolve()
  let reading: Promise<readonly RecordBatch[]> | null = null
  let cameLittle = true
  while (!share.ended.aborted) {
    // Whatever comes until the commit has ended goes into the next transaction, not into the one after it.
    if (reading === null && cameLittle) await committing
    const limit = readLimit(options.limit, follower.current()?.scorer.model ?? null)
    reading ??= share.read(limit)
    const read = await readUnlessDue(reading, roles, committing)
    if (read !== null) reading = null
    const readMs = options.clock.now()
    const published = follower.current()
    if (read?.length === 0) continue
    // The model is gone: this membership ends, and the next one waits for another.
    if (published === null) break
    const judged = roles.ready(read ?? [])
    const isFirstShadow: boolean = !isShadow && judged.some((each) => each.isShadow)
    if (isFirstShadow || judged.some(({ batch }) => batch.partition >= partitions)) {
      // The input has grown, or this is the first of a shadow: the output has no such partition yet.
      isShadow ||= isFirstShadow
      const prepared = await unlessAborted(share.ended, options.prepareOutputs(isShadow))
      if (prepared === null) break
      partitions = prepared
      keeper?.grown(prepared)
    }
    const mine = judged.map(({ batch }) => batch)
    const batches = mine.length === 0 ? mine : await waits.readable(keeper === null ? mine : keeper.ready(mine))
    const next = new Map(batches.map(({ partition, nextOffset }) => [partition, nextOffset]))
    const handOvers = roles.due(next, options.clock.date())
    if (batches.length + handOvers.length === 0) continue
    const shadowed = new Set(judged.filter((each) => each.isShadow).map(({ batch }) => batch))
    const { scorer } = published
    const transaction = share.begin()
    cameLittle = isLittle(batches, limit)
    const span = telemetry.startSpan(`transaction ${options.group}`, {
      isRoot: true,
      facts: { 'shoal.stage': 'score' },
    })
    try {
      const work = { transaction, span, batches, shadowed, handOvers }
      const facts = await span.run(() => compute(options, options.stage(scorer, keeper?.of), scorer.version, work))
      appendHandOvers(transaction, options.handOvers, handOvers, scorer.version)
      roles.filled(next, handOvers)
      // All that is left of them is in the transaction.
      for (const batch of batches) batch.release()
      keeper?.report()
      const computedMs = options.clock.now()
      await committing
      telemetry.count('shoal_commit_wait_seconds_total', (options.clock.now() - computedMs) / 1000, {})
      committing = span.run(() => commit(options, work, next, facts, readMs)).then(() => roles.committed(handOvers))
      committing.catch(() => undefined) // Awaited in the next round, or below: this only keeps it from counting as unhandled.
    } catch (error) {
      telemetry.count('shoal_transactions_total', 1, { stage: 'score', outcome: 'abandoned' })
      await transaction.abandon()
      span.end(error)
      throw error
    }
  }
  await committing
}

/**
 * What was read; null when a partition may be due to be handed over before there is anything to read. A commit that fails
 * ends the wait for events: on a quiet stream nothing else would ever read its events again.
 */
function readUnlessDue(
  reading: Promise<readonly RecordBatch[]>,
  roles: Roles,
  committing: Promise<void>,
): Promise<readonly RecordBatch[] | null> {
  return new Promise((resolve, reject) => {
    roles.onDue = () => resolve(null)
    reading.then(resolve, reject)
    committing.catch(reject)
  })
}

/** One transaction, the span of its life, and what it is about. */
interface Work {
  readonly transaction: Transaction
  readonly span: Span
  readonly batches: readonly RecordBatch[]
  /** Those of them whose outputs another deployment writes. */
  readonly shadowed: ReadonlySet<RecordBatch>
  readonly handOvers: readonly HandOver[]
}

/** Fills the transaction with what becomes of the batches. */
function compute(
  options: ScoreWorkerOptions,
  run: ScoreRun,
  modelVersion: number,
  { transaction, batches, shadowed }: Work,
): Promise<ScoreFacts> {
  const { clock, telemetry } = options
  const facts = { 'shoal.model.version': modelVersion }
  const plan = { kind: 'consumer', facts, messages: messagesOf(options, 'process', batches) } as const
  return inSpan(telemetry, `process ${options.input}`, plan, async (span) => {
    linkProducers(span, batches)
    const startedMs = clock.now()
    for (const batch of batches) {
      for (let from = 0; from < batch.count; from += chunkEvents) {
        run.score(batch, from, Math.min(from + chunkEvents, batch.count), transaction, shadowed.has(batch))
        await clock.yield()
      }
      run.cover(batch)
    }
    run.finish(transaction, clock.date(), span.traceparent())
    telemetry.observe('shoal_batch_seconds', (clock.now() - startedMs) / 1000, { stage: 'score' })
    telemetry.observe('shoal_batch_events', countOf(batches), { stage: 'score' })
    return run.facts
  })
}

/** Whether there is neither much to compute nor, as where the limit was reached, more to read at once. */
function isLittle(batches: readonly RecordBatch[], { maxEvents, maxBytes }: ReadLimit): boolean {
  const bytes = batches.reduce((sum, batch) => sum + spanOf(batch, 0, batch.count), 0)
  return countOf(batches) < Math.min(fewEvents, maxEvents) && bytes < Math.min(fewBytes, maxBytes / 2)
}

function messagesOf(
  { input, group }: ScoreWorkerOptions,
  operation: MessageWork['operation'],
  batches: readonly RecordBatch[],
): MessageWork {
  return { operation, topic: input, group, batches }
}

async function commit(
  options: ScoreWorkerOptions,
  { transaction, span, batches, handOvers }: Work,
  positions: ReadonlyMap<number, number>,
  facts: ScoreFacts,
  readMs: number,
): Promise<void> {
  const { telemetry, clock, health, onCommitted } = options
  const { bytes } = transaction
  const plan = { kind: 'client', messages: messagesOf(options, 'commit', batches) } as const
  try {
    await inSpan(telemetry, `commit ${options.input}`, plan, () => transaction.commit(positions))
  } catch (error) {
    const outcome = isFenced(error) ? 'fenced' : 'abandoned'
    telemetry.count('shoal_transactions_total', 1, { stage: 'score', outcome })
    span.end(error)
    throw error
  }
  telemetry.count('shoal_transactions_total', 1, { stage: 'score', outcome: 'committed' })
  telemetry.observe('shoal_transaction_seconds', (clock.now() - readMs) / 1000, { stage: 'score' })
  telemetry.observe('shoal_transaction_bytes', bytes, { stage: 'score' })
  span.add({ 'shoal.transaction.bytes': bytes, 'shoal.anomalies': facts.anomalies })
  telemetry.count('shoal_events_total', facts.valid, {})
  if (facts.anomalies > 0) telemetry.count('shoal_anomalies_total', facts.anomalies, {})
  if (facts.clipped > 0) telemetry.count('shoal_clipped_values_total', facts.clipped, {})
  const { written, evicted } = facts.profiles
  if (written > 0) telemetry.count('shoal_profiles_written_total', written, {})
  if (evicted > 0) telemetry.count('shoal_profiles_evicted_total', evicted, {})
  for (const [reason, count] of facts.invalid) telemetry.count('shoal_dead_letters_total', count, { reason })
  for (const { partition, deployment, fromOffset } of handOvers) {
    telemetry.count('shoal_hand_overs_total', 1, {})
    telemetry.log.info('a partition was handed over', { partition, to: deployment, fromOffset })
  }
  span.end()
  health.recovered('score')
  onCommitted?.(facts)
}
