/**
 * The newest committed version of the model, as this process knows it: snapshot, then the tail of the log.
 *
 * A record of `models` that is no version of this configuration is passed over by name, and the newest version before it
 * goes on serving. What has no sound checksum is nobody's (a disk has lost it, or a stranger wrote it), so training goes on
 * from what was before. What has one is somebody's model, of another configuration or a newer release: nothing of ours is
 * born beside it, and nothing goes on past a newer release's.
 */

import { type Decoded, decodeModel, type Refusal } from '../core/codec/model-codec.ts'
import type { FeaturePlan } from '../core/features/feature-plan.ts'
import type { Model } from '../core/model/model.ts'
import { freeze, type Scorer } from '../core/score/scorer.ts'
import { type RecordBatch, valueAt } from '../stages/records.ts'
import { wireHeaderBytes } from '../stages/wire-format.ts'
import { batchesUpTo, valueAtOffset } from './batches.ts'
import { reportDrift } from './drift-report.ts'
import { type ErrorCode, ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import { ModelReport } from './model-report.ts'
import { News } from './news.ts'
import type { EventLog, Snapshot, SnapshotStore, Telemetry } from './ports.ts'
import { reportQuality } from './quality-report.ts'

/** A committed version. */
export interface PublishedModel {
  /** Its offset in the `models` topic. */
  readonly offset: number
  readonly publishedAtMs: number
  /** The value of the record, wire header included. */
  readonly bytes: Uint8Array
  readonly scorer: Scorer
}

/** Is told what the follower reads, in its order. */
export interface FollowedVersions {
  /** The topic is read from this offset on. */
  begun(from: number): void
  seen(batch: RecordBatch): void
  adopted(published: PublishedModel): void
  /** The topic was made anew: nothing that was told before is true any more. */
  forgotten(): void
}

export interface FollowerOptions {
  readonly name: string
  readonly topic: string
  readonly fingerprint: string
  readonly plan: FeaturePlan
  readonly log: EventLog
  /** Null: none is configured. */
  readonly snapshots: SnapshotStore | null
  readonly telemetry: Telemetry
  readonly health: Health
  readonly versions?: FollowedVersions
}

type Refused = Extract<Decoded<Model>, { readonly refused: Refusal }>

const task = 'model follower'
const firstWindow = 64
export const refusalCode: { readonly [R in Refusal]: ErrorCode } = {
  damaged: 'snapshot.damaged',
  newer_format: 'snapshot.newer_format',
  foreign: 'snapshot.foreign',
}

/** Each says more than the one before it. */
const graver: readonly ErrorCode[] = ['snapshot.damaged', 'snapshot.foreign', 'snapshot.newer_format']

export class ModelFollower {
  private readonly options: FollowerOptions
  private readonly report = new ModelReport()
  private newest: PublishedModel | null = null
  /** The gravest of the records that were refused after the newest version. */
  private refused: ShoalError | null = null
  /** Records before this offset have been spoken of. */
  private toldUpTo = 0
  /** Everything committed before this offset has been seen. */
  private seenUpTo = -1
  private readonly news = new News()

  constructor(options: FollowerOptions) {
    this.options = options
  }

  current(): PublishedModel | null {
    return this.newest
  }

  /** Records that are no versions of this configuration lie behind the newest one. */
  get hasRefused(): boolean {
    return this.refused !== null
  }

  /**
   * The version that training goes on from; null when a model may be born. Throws while there is somebody's model that
   * must not be passed over.
   */
  toTrainFrom(): PublishedModel | null {
    const { newest, refused } = this
    if (refused?.code === 'snapshot.newer_format') throw refused
    if (refused?.code === 'snapshot.foreign' && newest === null) throw refused
    return newest
  }

  /** Follows the log until the signal fires. May be run again after it threw. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, topic, health, versions } = this.options
    const from = await unlessAborted(signal, this.startOffset(signal))
    if (from === null) return
    health.recovered('kafka', task)
    health.recovered(task)
    // Before `from` there is only history: it starts at or before the newest version, or where the log does.
    this.seenUpTo = Math.max(this.seenUpTo, from)
    this.news.tell()
    versions?.begun(from)
    for await (const batch of log.follow(topic, new Map([[0, from]]), signal)) {
      versions?.seen(batch)
      this.adoptLast(batch)
      this.seenUpTo = Math.max(this.seenUpTo, batch.nextOffset)
      this.news.tell()
    }
  }

  /** Resolves when everything before `offset` has been seen, or when the signal fires. */
  async reach(offset: number, signal: AbortSignal): Promise<void> {
    while (this.seenUpTo < offset && !signal.aborted) await this.news.next(signal)
  }

  /** The newest version that had been committed when this was called, or a later one; null when the signal fires first. */
  async upToDate(signal: AbortSignal): Promise<PublishedModel | null> {
    const { log, topic } = this.options
    const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
    if (bounds === null) return null
    await this.reach(bounds.end, signal)
    return signal.aborted ? null : this.newest
  }

  /** The next version after `known`, or null when the signal fires. */
  async newerThan(known: PublishedModel | null, signal: AbortSignal): Promise<PublishedModel | null> {
    while (this.newest === known && !signal.aborted) await this.news.next(signal)
    return signal.aborted ? null : this.newest
  }

  /** The last version of a batch that can be used; those before it are history already. */
  private adoptLast(batch: RecordBatch): void {
    const behind: { readonly offset: number; readonly refusal: Refused }[] = []
    for (let i = batch.count - 1; i >= 0; i--) {
      const value = valueAt(batch, i)
      const offset = batch.offset[i]
      if (this.newest !== null && offset <= this.newest.offset) break
      if (value === null) continue
      const bytes = Uint8Array.from(value)
      const decoded = this.decode(bytes)
      if ('value' in decoded) {
        this.adopt(bytes, decoded.value, offset, batch.timestamp[i])
        break
      }
      behind.unshift({ offset, refusal: decoded })
    }
    for (const { offset, refusal } of behind) this.passOver(refusal, offset)
  }

  private adopt(bytes: Uint8Array, model: Model, offset: number, publishedAtMs: number): void {
    const { telemetry, health, versions } = this.options
    this.newest = { offset, publishedAtMs, bytes, scorer: freeze(model) }
    versions?.adopted(this.newest)
    this.refused = null
    this.report.tell(this.newest, telemetry)
    reportDrift(model, this.options)
    reportQuality(model, telemetry)
    health.recovered('model', task)
    health.modelKnown()
  }

  private decode(bytes: Uint8Array): Decoded<Model> {
    const { fingerprint, plan } = this.options
    const decoded = decodeModel(bytes.subarray(wireHeaderBytes), fingerprint)
    if ('refused' in decoded || decoded.value.d === plan.columns.length) return decoded
    return { refused: 'damaged', detail: `it must have ${plan.columns.length} columns: it has ${decoded.value.d}` }
  }

  private passOver({ refused, detail }: Refused, offset: number): void {
    const { topic, telemetry, health } = this.options
    const error = new ShoalError(
      refusalCode[refused],
      `the model at offset ${offset} of ${topic} is refused: ${detail}`,
    )
    if (this.refused === null || graver.indexOf(error.code) > graver.indexOf(this.refused.code)) this.refused = error
    health.failed('model', this.refused.message, task)
    if (offset < this.toldUpTo) return
    this.toldUpTo = offset + 1
    telemetry.count('shoal_models_refused_total', 1, { code: error.code })
    telemetry.log.error(`${error.message}; the version before it is used`, { code: error.code })
  }

  /** The topic was made anew: what it held before is of another life, and no reader must go on from it. */
  private forget(): void {
    this.options.telemetry.log.warn(`${this.options.topic} has been begun anew: the model that it held is forgotten`)
    this.options.versions?.forgotten()
    this.newest = null
    this.refused = null
    this.toldUpTo = 0
    this.seenUpTo = -1
  }

  /** Where the snapshot says the newest version is; without one, where the tail of the log holds a version. */
  private async startOffset(signal: AbortSignal): Promise<number> {
    const { log, topic } = this.options
    const { start, end } = await log.bounds({ topic, partition: 0 })
    if (this.newest !== null && this.newest.offset >= end) this.forget()
    if (this.newest !== null && this.newest.offset >= start) return this.newest.offset
    const snapshot = await this.snapshot()
    if (snapshot !== null) {
      if (snapshot.offset >= start && snapshot.offset < end && (await this.stands(snapshot, signal))) {
        return snapshot.offset
      }
      if (signal.aborted) return end
      this.refuse('snapshot.foreign', `the snapshot of version ${snapshot.version} is not in ${topic}`)
    }
    for (let window = firstWindow; ; window *= 8) {
      const from = Math.max(start, end - window)
      if (from === start || (await this.holdsVersion(from, end, signal))) return from
    }
  }

  /** The snapshot, when there is one that this configuration can use. */
  private async snapshot(): Promise<Snapshot | null> {
    const { snapshots, name, fingerprint, health, telemetry } = this.options
    if (snapshots === null) return null
    try {
      const snapshot = await snapshots.latest(name)
      health.recovered('redis')
      if (snapshot === null) return null
      const decoded = decodeModel(snapshot.bytes.subarray(wireHeaderBytes), fingerprint)
      if (!('refused' in decoded)) return snapshot
      this.refuse(refusalCode[decoded.refused], `the snapshot of ${name} is refused: ${decoded.detail}`)
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error
      if (!error.retriable) this.refuse(error.code, error.message)
      else {
        // The health says it, once, with whoever else cannot reach the store.
        telemetry.count('shoal_snapshot_failures_total', 1, { code: error.code })
        health.failed('redis', error.message, 'redis', { code: error.code })
      }
    }
    return null
  }

  private refuse(code: ErrorCode, message: string): void {
    this.options.telemetry.count('shoal_snapshot_failures_total', 1, { code })
    this.options.telemetry.log.warn(`${message}; the log is used instead`, { code })
  }

  /** Whether the log holds, at the snapshot's offset, exactly the snapshot's bytes. */
  private async stands({ offset, bytes }: Snapshot, signal: AbortSignal): Promise<boolean> {
    const { log, topic } = this.options
    return (await valueAtOffset(log, { topic, partition: 0 }, offset, signal))?.equals(bytes) ?? false
  }

  /** Whether a version that can be used is there. */
  private async holdsVersion(from: number, end: number, signal: AbortSignal): Promise<boolean> {
    const { log, topic } = this.options
    for await (const batch of batchesUpTo(log, topic, [{ partition: 0, from, to: end }], signal)) {
      for (let i = batch.count - 1; i >= 0; i--) {
        const value = valueAt(batch, i)
        if (value !== null && 'value' in this.decode(value)) return true
      }
    }
    return false
  }
}
