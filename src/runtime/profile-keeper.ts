/** The profiles of the partitions of one share: restored when a partition comes, changed by its events, gone when it goes. */
import type { ProfilePlan } from '../core/profiles/profile-plan.ts'
import { type ProfileLimits, Profiles } from '../core/profiles/profiles.ts'
import type { RecordBatch } from '../stages/records.ts'
import type { Share } from './ports.ts'
import { nameOf, type ProfileRestoreOptions, restoreProfiles } from './profile-restore.ts'

export interface ProfileKeeperOptions extends ProfileRestoreOptions {
  readonly plan: ProfilePlan
  readonly limits: ProfileLimits
}

interface Kept {
  /** Fires when the partition is to be given up or is lost. */
  readonly held: AbortSignal
  /** Null while they are being restored. */
  profiles: Profiles | null
  /** Its events are not read until the profiles are there. */
  isPaused: boolean
  /** Why they cannot be restored. */
  failure: Error | null
}

/**
 * Profiles are changed in place by the batch that is computed, and written by its transaction; they are thus ahead of the
 * log by the transactions that are not acknowledged yet.
 *
 * Mechanism: a share ends with the first transaction of it that fails, and a keeper with its share. Consequence: changes
 * of a transaction that failed, or whose end is in doubt, and of those computed behind it, are never used again; the next
 * share restores what was committed. Guarantee: what is written is a function of what was committed before it. A partition
 * that stays over a rebalance keeps its profiles, because its share lives on and commits what it has computed.
 */
export class ProfileKeeper {
  private readonly options: ProfileKeeperOptions
  private readonly share: Share
  private readonly kept = new Map<number, Kept>()
  /** Partitions that the topic has. */
  private partitions: number
  private hasWarned = false

  constructor(options: ProfileKeeperOptions, share: Share, partitions: number) {
    this.options = options
    this.share = share
    this.partitions = partitions
    void this.tend()
  }

  /** The profiles of a partition that `ready` has let through. */
  readonly of = (partition: number): Profiles => {
    const profiles = this.kept.get(partition)?.profiles ?? null
    if (profiles === null) throw new Error(`partition ${partition} has no profiles yet`)
    return profiles
  }

  /** The topic has so many partitions now. */
  grown(partitions: number): void {
    this.partitions = partitions
  }

  /** Those of the batches whose profiles are there; the partitions of the others are paused until theirs are. */
  ready(batches: readonly RecordBatch[]): readonly RecordBatch[] {
    if (this.share.ended.aborted) return []
    this.forget(batches)
    const ready: RecordBatch[] = []
    const paused = new Set<number>()
    for (const batch of batches) {
      const { partition, fromOffset } = batch
      const kept = this.keep(partition)
      if (kept.failure !== null) throw kept.failure
      if (kept.profiles !== null) ready.push(batch)
      else if (!paused.has(partition)) {
        paused.add(partition)
        kept.isPaused = true
        this.share.pause(partition, fromOffset)
      }
    }
    return ready
  }

  /** Those that are there, by partition. */
  all(): ReadonlyMap<number, Profiles> {
    const there = [...this.kept].flatMap(([partition, { profiles }]) =>
      profiles === null ? [] : [[partition, profiles] as const],
    )
    return new Map(there)
  }

  /** Reports how many there are, and whether producers key by another entity. */
  report(): void {
    const { telemetry, limits } = this.options
    let profiles = 0
    let bytes = 0
    let foreign = 0
    for (const { profiles: found } of this.kept.values()) {
      if (found === null) continue
      profiles += found.size
      bytes += found.bytes
      foreign += found.foreignKeys
      found.foreignKeys = 0
    }
    telemetry.gauge('shoal_profiles', profiles, {})
    telemetry.gauge('shoal_profiles_bytes', bytes, {})
    if (foreign === 0) return
    telemetry.count('shoal_profile_foreign_keys_total', foreign, {})
    if (this.hasWarned) return
    this.hasWarned = true
    telemetry.log.warn(
      'records of one entity have different keys: its events are spread over partitions, and each profile sees a share of them',
      { entity: limits.key, remedy: 'let producers key by it, or name in profiles.key the entity that they key by' },
    )
  }

  /** Restores what comes, before its first event is read. */
  private async tend(): Promise<void> {
    while (!this.share.ended.aborted) {
      const change = this.share.changed()
      for (const partition of this.share.positions.keys()) if (partition < this.partitions) this.keep(partition)
      await change
    }
    this.options.telemetry.gauge('shoal_profiles', Number.NaN, {})
    this.options.telemetry.gauge('shoal_profiles_bytes', Number.NaN, {})
    for (const partition of this.kept.keys()) this.options.health.recovered('profiles', nameOf(partition))
  }

  /** A partition that has gone and come back has been another's meanwhile. */
  private keep(partition: number): Kept {
    const known = this.kept.get(partition)
    if (known !== undefined && !(known.held.aborted && this.share.positions.has(partition))) return known
    const kept: Kept = { held: this.share.held(partition), profiles: null, isPaused: false, failure: null }
    this.kept.set(partition, kept)
    void this.restore(partition, kept)
    return kept
  }

  private async restore(partition: number, kept: Kept): Promise<void> {
    const { plan, limits } = this.options
    try {
      kept.profiles = await restoreProfiles(this.options, partition, () => new Profiles(plan, limits), kept.held)
    } catch (error) {
      // The worker meets it when it reads the partition again; until then the health says so.
      kept.failure = error as Error
      this.options.health.failed('profiles', kept.failure.message, nameOf(partition))
    }
    if (kept.isPaused) this.share.resume(partition)
  }

  /** What has been given up has been computed to its end once a read holds nothing of it. */
  private forget(batches: readonly RecordBatch[]): void {
    for (const [partition, { held }] of this.kept) {
      if (held.aborted && !batches.some((batch) => batch.partition === partition)) {
        this.kept.delete(partition)
        this.options.health.recovered('profiles', nameOf(partition))
      }
    }
  }
}
