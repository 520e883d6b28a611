/** The newest committed version of the model, as this process knows it: snapshot, then the tail of the log. */

import type { FeaturePlan } from '../core/feature-plan.ts'
import { decodeModel, type Refusal } from '../core/model-codec.ts'
import { freeze, type Scorer } from '../core/scorer.ts'
import { wireHeaderBytes } from '../stages/assignment.ts'
import { type RecordBatch, valueAt } from '../stages/records.ts'
import { type ErrorCode, ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { EventLog, Snapshot, SnapshotStore, Telemetry } from './ports.ts'

/** A committed version. */
export interface PublishedModel {
  /** Its offset in the `models` topic. */
  readonly offset: number
  readonly publishedAtMs: number
  /** The value of the record, wire header included. */
  readonly bytes: Uint8Array
  readonly scorer: Scorer
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
}

const task = 'model follower'
const firstWindow = 64
const refusalCode: { readonly [R in Refusal]: ErrorCode } = {
  damaged: 'snapshot.damaged',
  newer_format: 'snapshot.newer_format',
  foreign: 'snapshot.foreign',
}

export class ModelFollower {
  private readonly options: FollowerOptions
  private newest: PublishedModel | null = null
  /** Everything committed before this offset has been seen. */
  private seenUpTo = -1
  private readonly waiting = new Set<() => void>()

  constructor(options: FollowerOptions) {
    this.options = options
  }

  current(): PublishedModel | null {
    return this.newest
  }

  /** Follows the log until the signal fires. May be run again after it threw. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, topic, health } = this.options
    const at = { topic, partition: 0 }
    const from = await unlessAborted(signal, this.startOffset(signal))
    if (from === null) return
    health.recovered('kafka', task)
    health.recovered(task)
    // Before `from` there is only history: it starts at or before the newest version, or where the log does.
    this.seenUpTo = Math.max(this.seenUpTo, from)
    this.wake()
    for await (const batch of log.follow(at, from, signal)) {
      this.adoptLast(batch)
      this.seenUpTo = Math.max(this.seenUpTo, batch.nextOffset)
      this.wake()
    }
  }

  /** Resolves when everything before `offset` has been seen, or when the signal fires. */
  async reach(offset: number, signal: AbortSignal): Promise<void> {
    while (this.seenUpTo < offset && !signal.aborted) await this.change(signal)
  }

  /** The next version after `known`, or null when the signal fires. */
  async newerThan(known: PublishedModel | null, signal: AbortSignal): Promise<PublishedModel | null> {
    while (this.newest === known && !signal.aborted) await this.change(signal)
    return signal.aborted ? null : this.newest
  }

  private async change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        this.waiting.delete(done)
        resolve()
      }
      signal.addEventListener('abort', done)
      this.waiting.add(done)
    })
  }

  private wake(): void {
    for (const done of [...this.waiting]) done()
  }

  /** The last version of a batch; those before it are history already. */
  private adoptLast(batch: RecordBatch): void {
    for (let i = batch.count - 1; i >= 0; i--) {
      const value = valueAt(batch, i)
      if (value === null) continue
      const { fingerprint, plan, telemetry, health, topic } = this.options
      const bytes = Uint8Array.from(value)
      const decoded = decodeModel(bytes.subarray(wireHeaderBytes), fingerprint)
      if ('refused' in decoded) {
        const where = `the model at offset ${batch.offset[i]} of ${topic} is refused: ${decoded.detail}`
        throw new ShoalError(refusalCode[decoded.refused], where)
      }
      const publishedAtMs = batch.timestamp[i]
      this.newest = { offset: batch.offset[i], publishedAtMs, bytes, scorer: freeze(decoded.value, plan.columns) }
      telemetry.gauge('shoal_model_version', decoded.value.version, {})
      telemetry.gauge('shoal_model_published_timestamp_seconds', publishedAtMs / 1000, {})
      health.recovered('model', task)
      health.modelKnown()
      return
    }
  }

  /** The topic was made anew: what it held before is of another life, and no reader must go on from it. */
  private forget(): void {
    this.options.telemetry.log.warn(`${this.options.topic} has been begun anew: the model that it held is forgotten`)
    this.newest = null
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
      if (snapshot.offset >= start && snapshot.offset < end && (await this.stands(snapshot, end, signal))) {
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
    const { snapshots, name, fingerprint, health } = this.options
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
      if (error.retriable) health.failed('redis', error.message)
      this.refuse(error.code, error.message)
    }
    return null
  }

  private refuse(code: ErrorCode, message: string): void {
    this.options.telemetry.count('shoal_snapshot_failures_total', 1, { code })
    this.options.telemetry.log.warn(`${message}; the log is used instead`, { code })
  }

  /** Whether the log holds, at the snapshot's offset, exactly the snapshot's bytes. */
  private async stands(snapshot: Snapshot, end: number, signal: AbortSignal): Promise<boolean> {
    for await (const batch of this.records(snapshot.offset, end, signal)) {
      for (let i = 0; i < batch.count; i++) {
        if (batch.offset[i] === snapshot.offset) return valueAt(batch, i)?.equals(snapshot.bytes) ?? false
      }
      if (batch.nextOffset > snapshot.offset) return false
    }
    return false
  }

  private async holdsVersion(from: number, end: number, signal: AbortSignal): Promise<boolean> {
    for await (const batch of this.records(from, end, signal)) {
      for (let i = 0; i < batch.count; i++) if (batch.valueLength[i] >= 0) return true
    }
    return false
  }

  /** Committed records of [from, end). */
  private async *records(from: number, end: number, signal: AbortSignal): AsyncGenerator<RecordBatch> {
    if (from >= end) return
    const { log, topic } = this.options
    for await (const batch of log.follow({ topic, partition: 0 }, from, signal)) {
      yield batch
      if (batch.nextOffset >= end) return
    }
  }
}
