/** The score stage at work on one generation's share: read, compute, commit, the next batch while the last commits. */
import type { Projection } from '../core/fields/fields.ts'
import type { RecordBatch } from '../stages/records.ts'
import { chunkEvents, type ScoreFacts, type ScoreRun, type ScoreStage } from '../stages/score.ts'
import { isFenced } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { ModelFollower } from './model-follower.ts'
import type { Clock, ReadLimit, SchemaRegistry, Share, Telemetry, Transaction } from './ports.ts'
import { ProfileKeeper, type ProfileKeeperOptions } from './profile-keeper.ts'
import { SchemaWaits } from './schema-waits.ts'

export interface ScoreWorkerOptions {
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
  /** Gives the outputs as many partitions as the input has now; resolves with that number. */
  readonly prepareOutputs: () => Promise<number>
  /** Told who keeps the profiles of this share. */
  readonly onProfiles?: (keeper: ProfileKeeper) => void
  /** Told what each committed transaction held. */
  readonly onCommitted?: (facts: ScoreFacts) => void
}

/** Works until the share ends. On any error nothing that was not committed is kept. */
export async function scoreShare(options: ScoreWorkerOptions, share: Share): Promise<void> {
  const { telemetry, follower, health } = options
  telemetry.count('shoal_shares_total', 1, { stage: 'score' })
  health.recovered('kafka', 'score')
  if (follower.current() === null) await follower.newerThan(null, share.ended)
  const waits = new SchemaWaits(options, share)
  let { partitions } = options
  const keeper = options.profiles === null ? null : new ProfileKeeper(options.profiles, share, partitions)
  if (keeper !== null) options.onProfiles?.(keeper)
  let committing: Promise<void> = Promise.resolve()
  while (!share.ended.aborted) {
    const read = await readUnlessFailed(share, options.limit, committing)
    const readMs = options.clock.now()
    const published = follower.current()
    if (read.length === 0) continue
    // The model is gone: this membership ends, and the next one waits for another.
    if (published === null) break
    if (read.some((batch) => batch.partition >= partitions)) {
      // The input has grown: the output has no such partition yet.
      const prepared = await unlessAborted(share.ended, options.prepareOutputs())
      if (prepared === null) break
      partitions = prepared
      keeper?.grown(prepared)
    }
    const batches = await waits.readable(keeper === null ? read : keeper.ready(read))
    if (batches.length === 0) continue
    const { scorer } = published
    const transaction = share.begin()
    try {
      const facts = await compute(options, options.stage(scorer, keeper?.of), scorer.version, batches, transaction)
      // All that is left of them is in the transaction.
      for (const batch of batches) batch.release()
      keeper?.report()
      const computedMs = options.clock.now()
      await committing
      const next = new Map(batches.map(({ partition, nextOffset }) => [partition, nextOffset]))
      telemetry.count('shoal_commit_wait_seconds_total', (options.clock.now() - computedMs) / 1000, {})
      committing = commit(options, transaction, next, facts, readMs)
      committing.catch(() => undefined) // Awaited in the next round, or below: this only keeps it from counting as unhandled.
    } catch (error) {
      telemetry.count('shoal_transactions_total', 1, { stage: 'score', outcome: 'abandoned' })
      await transaction.abandon()
      throw error
    }
  }
  await committing
}

/** A commit that fails ends the wait for events: on a quiet stream nothing else would ever read its events again. */
function readUnlessFailed(share: Share, limit: ReadLimit, committing: Promise<void>): Promise<readonly RecordBatch[]> {
  const reading = share.read(limit)
  return Promise.race([reading, committing.then(() => reading)])
}

/** Fills the transaction with what becomes of the batches. */
async function compute(
  { clock, telemetry }: ScoreWorkerOptions,
  run: ScoreRun,
  modelVersion: number,
  batches: readonly RecordBatch[],
  transaction: Transaction,
): Promise<ScoreFacts> {
  return telemetry.span('score batch', { 'shoal.model.version': modelVersion }, async () => {
    const startedMs = clock.now()
    for (const batch of batches) {
      for (let from = 0; from < batch.count; from += chunkEvents) {
        run.score(batch, from, Math.min(from + chunkEvents, batch.count), transaction)
        await clock.yield()
      }
      run.cover(batch)
    }
    run.finish(transaction, clock.date())
    telemetry.observe('shoal_batch_seconds', (clock.now() - startedMs) / 1000, { stage: 'score' })
    const events = batches.reduce((sum, { count }) => sum + count, 0)
    telemetry.observe('shoal_batch_events', events, { stage: 'score' })
    return run.facts
  })
}

async function commit(
  { telemetry, clock, health, onCommitted }: ScoreWorkerOptions,
  transaction: Transaction,
  positions: ReadonlyMap<number, number>,
  facts: ScoreFacts,
  readMs: number,
): Promise<void> {
  const { bytes } = transaction
  try {
    await transaction.commit(positions)
  } catch (error) {
    const outcome = isFenced(error) ? 'fenced' : 'abandoned'
    telemetry.count('shoal_transactions_total', 1, { stage: 'score', outcome })
    throw error
  }
  telemetry.count('shoal_transactions_total', 1, { stage: 'score', outcome: 'committed' })
  telemetry.observe('shoal_transaction_seconds', (clock.now() - readMs) / 1000, { stage: 'score' })
  telemetry.observe('shoal_transaction_bytes', bytes, { stage: 'score' })
  telemetry.count('shoal_events_total', facts.valid, {})
  if (facts.anomalies > 0) telemetry.count('shoal_anomalies_total', facts.anomalies, {})
  if (facts.clipped > 0) telemetry.count('shoal_clipped_values_total', facts.clipped, {})
  const { written, evicted } = facts.profiles
  if (written > 0) telemetry.count('shoal_profiles_written_total', written, {})
  if (evicted > 0) telemetry.count('shoal_profiles_evicted_total', evicted, {})
  for (const [reason, count] of facts.invalid) telemetry.count('shoal_dead_letters_total', count, { reason })
  health.recovered('score')
  onCommitted?.(facts)
}
