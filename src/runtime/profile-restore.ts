/** The profiles of one partition, read back from their topic. */
import { ProfileReader } from '../core/profiles/profile-reader.ts'
import type { Profiles } from '../core/profiles/profiles.ts'
import { keyAt, type RecordBatch, valueAt } from '../stages/records.ts'
import { wireHeaderBytes } from '../stages/wire-format.ts'
import { Backoff } from './backoff.ts'
import { batchesUpTo } from './batches.ts'
import { ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { Clock, EventLog, Telemetry } from './ports.ts'

export interface ProfileRestoreOptions {
  readonly log: EventLog
  readonly topic: string
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
}

/** Who waits, as the health calls it. */
export const nameOf = (partition: number): string => `partition ${partition}`

/** Records that are taken in one piece. */
const recordsPerTurn = 1000
/** One that takes longer is said to be under way. */
const patienceMs = 1_000

/**
 * Reads all that had been written to the partition when this was called into profiles that begin `empty`; null when the
 * signal fired first.
 *
 * Mechanism: the caller holds the partition, and its stable position has been read before. `written` is the end with what
 * open transactions have written, and committed records are read up to it. Consequence: the profiles that were committed
 * together with that position are among what is read, also where this topic hears of the commit last. Guarantee: position
 * and profiles belong together; nobody else can write to the partition's profiles from then on.
 */
export async function restoreProfiles(
  options: ProfileRestoreOptions,
  partition: number,
  empty: () => Profiles,
  signal: AbortSignal,
): Promise<Profiles | null> {
  const { clock, telemetry, health } = options
  const by = nameOf(partition)
  const backoff = new Backoff(clock)
  const startedMs = clock.now()
  const over = new AbortController()
  let left: number | null = null
  let isLong = false
  const say = () => {
    if (signal.aborted || over.signal.aborted || !isLong) return
    const what = left === null ? 'its topic does not answer' : `${left} of its topic's offsets are left to read`
    health.failed('profiles', `${by} waits for its profiles: ${what}`, by)
  }
  const onProgress = (offsets: number) => {
    left = offsets
    telemetry.gauge('shoal_profile_restore_left', left, { partition: String(partition) })
    say()
  }
  void clock.sleep(patienceMs, AbortSignal.any([signal, over.signal])).then(() => {
    // Not by the clock: a timer may fire a moment early, and where nothing moves nobody would ask again.
    isLong = true
    say()
  })
  try {
    while (!signal.aborted) {
      try {
        const restoring = new ProfileRestore(options, partition, empty(), onProgress)
        if (!(await restoring.run(signal))) continue
        telemetry.count('shoal_profile_restores_total', 1, {})
        telemetry.observe('shoal_profile_restore_seconds', (clock.now() - startedMs) / 1000, {})
        restoring.tell(clock.now() - startedMs)
        return restoring.profiles
      } catch (error) {
        if (signal.aborted) break
        if (!(error instanceof ShoalError && error.retriable)) throw error
        health.failed('profiles', error.message, by)
        await backoff.wait(signal)
      }
    }
    return null
  } finally {
    over.abort()
    health.recovered('profiles', by)
    telemetry.gauge('shoal_profile_restore_left', Number.NaN, { partition: String(partition) })
  }
}

class ProfileRestore {
  readonly profiles: Profiles
  private readonly options: ProfileRestoreOptions
  private readonly partition: number
  private readonly reader: ProfileReader
  private readonly onProgress: (left: number) => void
  private records = 0
  private readonly refused = new Map<string, { count: number; readonly first: string }>()

  constructor(
    options: ProfileRestoreOptions,
    partition: number,
    profiles: Profiles,
    onProgress: (left: number) => void,
  ) {
    this.options = options
    this.partition = partition
    this.profiles = profiles
    this.reader = new ProfileReader(profiles)
    this.onProgress = onProgress
  }

  /** False when the signal fired first. */
  async run(signal: AbortSignal): Promise<boolean> {
    const { log, topic, clock } = this.options
    const { partition } = this
    const at = { topic, partition }
    const written = await unlessAborted(signal, log.written(at))
    if (written === null) return false
    const bounds = await unlessAborted(signal, log.bounds(at))
    if (bounds === null) return false
    let next = bounds.start
    this.onProgress(Math.max(0, written - next))
    for await (const batch of batchesUpTo(log, topic, [{ partition, from: bounds.start, to: written }], signal)) {
      for (let from = 0; from < batch.count; from += recordsPerTurn) {
        this.take(batch, from, Math.min(from + recordsPerTurn, batch.count))
        await clock.yield()
        if (signal.aborted) return false
      }
      next = batch.nextOffset
      this.onProgress(Math.max(0, written - next))
    }
    if (signal.aborted) return false
    if (next < written)
      throw new ShoalError('log.unavailable', `${topic} must be read to ${written}: it ended at ${next}`)
    this.reader.finish()
    return true
  }

  private take(batch: RecordBatch, from: number, to: number): void {
    this.records += to - from
    for (let i = from; i < to; i++) {
      const value = valueAt(batch, i)
      const key = keyAt(batch, i)
      if (key === null) this.refuse('damaged', batch.offset[i], 'it has no key')
      else {
        const outcome = this.reader.take(key, value === null ? null : value.subarray(wireHeaderBytes))
        if (typeof outcome === 'object') this.refuse(outcome.refused, batch.offset[i], outcome.detail)
      }
    }
  }

  private refuse(reason: string, offset: number, detail: string): void {
    const known = this.refused.get(reason)
    if (known === undefined) this.refused.set(reason, { count: 1, first: `offset ${offset}: ${detail}` })
    else known.count++
  }

  /** Says what was restored, and what was refused. */
  tell(tookMs: number): void {
    const { telemetry, topic } = this.options
    const { partition, records } = this
    for (const [reason, { count, first }] of this.refused) {
      telemetry.count('shoal_profiles_refused_total', count, { reason })
      telemetry.log.error('profiles were refused: their entities begin anew', {
        topic,
        partition,
        reason,
        count,
        first,
      })
    }
    if (records === 0) return
    const facts = { topic, partition, records, profiles: this.profiles.size, ms: Math.round(tookMs) }
    telemetry.log.info('profiles were restored', facts)
  }
}
