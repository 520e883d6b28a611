/**
 * What this deployment is to each partition of a share: its primary, which writes the outputs that consumers read, or a
 * shadow of the primary, which does all the same and writes them elsewhere.
 *
 * The frontier of a partition is the offset up to which its outputs are written. Only its primary moves it, in the
 * transaction that commits the primary's position.
 *
 * Mechanism: a shadow deals with no event that the committed position of the primary does not lie behind. The primary hands
 * a partition over by a record of `primary` in the transaction that commits its position H there, writes no outputs of it
 * from then on, and is a shadow. Whose the partition is now goes on as a shadow up to H and is the primary from H on.
 * Consequence: no deployment is ever beyond the frontier, so whichever is named goes on exactly there. Guarantee: over all
 * deployments every event has its outputs once, in order. Nobody but a member of the primary's group that holds the
 * partition in the present generation can hand it over, and whoever takes the partition over in that group reads, after
 * the position, all that had been written to `primary`: so no member takes itself for the primary of what another gave away.
 */
import type { RecordBatch } from '../../stages/records.ts'
import { Backoff } from '../backoff.ts'
import { ShoalError } from '../errors.ts'
import { unlessAborted } from '../interruption.ts'
import type { Clock, EventLog, Positions, Share, Telemetry } from '../ports.ts'
import { cutAt } from './cut.ts'
import type { Frontier } from './frontier.ts'
import type { Primacy, Primaries } from './primaries.ts'
import type { HandOver } from './primary-record.ts'
import { RoleReport } from './role-report.ts'

export interface RoleOptions {
  /** This deployment. */
  readonly name: string
  /** Topic of the records. */
  readonly topic: string
  readonly input: string
  /** Whether a shadow that has no position yet begins where the primary is, or where the log begins. */
  readonly beginsAt: 'earliest' | 'primary'
  readonly log: EventLog
  readonly clock: Clock
  readonly telemetry: Pick<Telemetry, 'gauge'>
  readonly primaries: Primaries
  readonly frontier: Frontier
}

/** A batch, and whether its outputs are a shadow's. */
export interface Judged {
  readonly batch: RecordBatch
  readonly isShadow: boolean
}

interface Held {
  readonly lost: AbortSignal
  /** All that had been written of it when it came has been read. */
  isKnown: boolean
  /** Where its next transaction goes on. */
  at: number
  /** Not read: it waits at this offset. */
  waitsAt: number | null
  /** It has no position, and takes the primary's once that is known; */
  isToSkip: boolean
  /** then what lies before is passed over. */
  skipsTo: number
  /** The record by which events, or a hand-over, of it were the primary's here, in transactions that may be in flight; null: none were. */
  ownBy: number | null
  /** The same of the hand-over that was filled last. */
  givenBy: number | null
  /** Handed over by this share: it holds until another record is read than the one at `at`, which held before. */
  given: Primacy | null
  failure: Error | null
}

export class Roles {
  private readonly options: RoleOptions
  private readonly share: Share
  private readonly held = new Map<number, Held>()
  private readonly report: RoleReport
  /** The question where `primary` ends that has not been put yet. */
  private asking: Promise<number> | null = null
  /** Called when a partition may be due to be handed over. */
  onDue: (() => void) | null = null

  constructor(options: RoleOptions, share: Share) {
    this.options = options
    this.share = share
    this.report = new RoleReport(options.telemetry)
    const look = () => this.look()
    options.primaries.news.listen(look, share.ended)
    options.frontier.news.listen(look, share.ended)
    share.guard((signal) => this.stands(signal))
    void this.tend()
  }

  /** What may be dealt with now; partitions of which there is more wait until that may be, too. */
  ready(batches: readonly RecordBatch[]): readonly Judged[] {
    if (this.share.ended.aborted) return []
    this.forget(batches)
    const ready: Judged[] = []
    const waiting = new Set<number>()
    for (const batch of batches) {
      const { partition } = batch
      if (waiting.has(partition)) continue
      const held = this.hold(partition)
      if (held.failure !== null) throw held.failure
      const judged = this.judge(batch, held)
      if (judged !== null) ready.push(judged)
      if (judged?.batch === batch) continue
      waiting.add(partition)
      this.wait(partition, held, judged?.batch.nextOffset ?? Math.max(batch.fromOffset, held.skipsTo))
    }
    return ready
  }

  /** What the next transaction must hand over; `next` (IN and OUT) is what it commits, and gets those that it would not move. */
  due(next: Map<number, number>, atMs: number): readonly HandOver[] {
    const { primaries, name } = this.options
    const { promotion } = primaries
    if (promotion === null || promotion.deployment === name || this.share.ended.aborted) return []
    const due: HandOver[] = []
    for (const partition of this.share.positions.keys()) {
      const held = this.held.get(partition)
      if (held === undefined || !held.isKnown || held.lost.aborted) continue
      const { deployment, fromOffset } = this.primacyOf(partition, held)
      const at = next.get(partition) ?? held.at
      if (deployment !== name) continue
      next.set(partition, at)
      // What it was given itself and has not come to is for the next to write.
      due.push({ ...promotion, partition, fromOffset: Math.max(at, fromOffset), previous: name, atMs })
    }
    return due
  }

  /** A transaction has been filled that commits these positions and hands these over: what comes next follows it. */
  filled(next: Positions, handedOver: readonly HandOver[]): void {
    for (const [partition, at] of next) {
      const held = this.held.get(partition)
      if (held === undefined) continue
      held.at = at
      // The last that the primary has committed is caught up with when nothing moves any more but this.
      if (this.report.isLagging(partition)) this.report.lag(partition, this.behind(partition, held))
    }
    for (const { partition, deployment, fromOffset } of handedOver) {
      const { at } = this.options.primaries.of(partition)
      const held = this.held.get(partition)
      if (held === undefined) continue
      held.given = { deployment, fromOffset, at }
      held.givenBy = at
      held.ownBy = at
    }
  }

  /** The transaction that hands these over has been committed: nothing of them that was the primary's here is in flight. */
  committed(handedOver: readonly HandOver[]): void {
    for (const { partition } of handedOver) {
      const held = this.held.get(partition)
      if (held !== undefined && held.ownBy === held.givenBy) held.ownBy = null
    }
  }

  /** Resolves when a partition may be due, or the share has ended. */
  nextDue(): Promise<void> {
    return new Promise((resolve) => {
      this.onDue = resolve
      if (this.share.ended.aborted) resolve()
      else this.share.ended.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Null: nothing of it may be dealt with yet. */
  private judge(batch: RecordBatch, held: Held): Judged | null {
    const { partition, fromOffset: from, nextOffset } = batch
    if (!held.isKnown) return null
    const { deployment, fromOffset } = this.primacyOf(partition, held)
    if (deployment === this.options.name && from >= fromOffset) {
      held.ownBy = this.options.primaries.of(partition).at
      return { batch, isShadow: false }
    }
    const limit = this.limitOf(partition, held)
    if (held.isToSkip && limit > 0) {
      held.isToSkip = false
      held.skipsTo = limit
      held.at = Math.max(held.at, limit)
    }
    if (held.isToSkip || limit <= from || held.skipsTo > from) return null
    return { batch: nextOffset <= limit ? batch : cutAt(batch, limit), isShadow: true }
  }

  /** Where what is not this deployment's yet may be read to: the frontier, as far as it is known; 0: nothing is. */
  private limitOf(partition: number, held: Held): number {
    const { deployment, fromOffset } = this.primacyOf(partition, held)
    if (deployment === this.options.name) return fromOffset
    return Math.max(fromOffset, this.options.frontier.of(deployment, partition) ?? 0)
  }

  private primacyOf(partition: number, held: Held): Primacy {
    const told = this.options.primaries.of(partition)
    if (held.given === null) return told
    if (told.at === held.given.at) return held.given
    // It was read back, or what another has written in its place: until its commit is known to have ended nobody can tell.
    held.given = null
    return told
  }

  /**
   * A hand-over of a partition for which nothing came leaves its position where it was. So a member that was taken for dead, and
   * comes back to the partition when another has handed it over meanwhile, finds nothing moved.
   *
   * Mechanism: in every new generation, before anything is committed there, all that had been written to `primary` is read, and
   * what was the primary's here must be so by the same record. A hand-over of its own that is not read back yet may be in a
   * transaction that waits for this, and it would wait for that: then the share is given up. Guarantee: nothing is
   * committed as the primary's by whoever is it no longer.
   */
  private async stands(signal: AbortSignal): Promise<boolean> {
    const { clock, primaries } = this.options
    const backoff = new Backoff(clock)
    while (!signal.aborted) {
      for (const [partition, held] of this.held) this.primacyOf(partition, held)
      if ([...this.held.values()].some(({ given }) => given !== null)) return false
      try {
        const written = await unlessAborted(signal, this.written())
        if (written === null) break
        await primaries.reach(written, signal)
        if (signal.aborted) break
        return [...this.held].every(([partition, { ownBy }]) => ownBy === null || primaries.of(partition).at === ownBy)
      } catch (error) {
        if (!(error instanceof ShoalError && error.retriable)) throw error
        await backoff.wait(signal)
      }
    }
    return false
  }

  private wait(partition: number, held: Held, from: number): void {
    held.waitsAt = from
    this.share.pause(partition, from)
    this.resumeWhatMay(partition, held)
  }

  private resumeWhatMay(partition: number, held: Held): void {
    if (held.waitsAt === null || !(held.isKnown || held.failure !== null)) return
    const { deployment, fromOffset } = this.primacyOf(partition, held)
    const isPrimary = deployment === this.options.name && held.waitsAt >= fromOffset
    if (held.failure === null && !isPrimary && this.limitOf(partition, held) <= held.waitsAt) return
    held.waitsAt = null
    this.share.resume(partition)
  }

  /** Keeps to what comes and goes. */
  private async tend(): Promise<void> {
    while (!this.share.ended.aborted) {
      const change = this.share.changed()
      for (const partition of this.share.positions.keys()) this.hold(partition)
      await change
    }
    this.options.frontier.wanted(new Set())
    this.report.end()
  }

  /** Looks again at what waits: more is known. */
  private look(): void {
    this.options.frontier.wanted(this.shadowed())
    for (const [partition, held] of this.held) this.resumeWhatMay(partition, held)
    this.tell()
    this.onDue?.()
  }

  /** Tells what is its own, and how far it is behind with the rest. */
  private tell(): void {
    let primaryOf = 0
    const behind = new Map<number, number>()
    for (const partition of this.share.positions.keys()) {
      const held = this.held.get(partition)
      if (!held?.isKnown) continue
      if (this.primacyOf(partition, held).deployment === this.options.name) primaryOf++
      else behind.set(partition, this.behind(partition, held))
    }
    this.report.tell(primaryOf, behind)
  }

  private behind(partition: number, held: Held): number {
    return Math.max(0, this.limitOf(partition, held) - held.at)
  }

  /** The deployments whose positions are waited for. */
  private shadowed(): ReadonlySet<string> {
    const names = new Set<string>()
    for (const partition of this.share.positions.keys()) {
      const held = this.held.get(partition)
      if (held?.isKnown) names.add(this.primacyOf(partition, held).deployment)
    }
    names.delete(this.options.name)
    return names
  }

  /** A partition that has gone and come back has been another's meanwhile. */
  private hold(partition: number): Held {
    const known = this.held.get(partition)
    const from = this.share.positions.get(partition)
    if (known !== undefined && !(known.lost.aborted && from !== undefined)) return known
    const nothing = { isKnown: false, waitsAt: null, isToSkip: false, skipsTo: 0 }
    const none = { ownBy: null, givenBy: null, given: null, failure: null }
    const held: Held = { lost: this.share.held(partition), at: from ?? 0, ...nothing, ...none }
    this.held.set(partition, held)
    void this.learn(partition, held)
    return held
  }

  /**
   * Mechanism: the caller holds the partition, and its stable position has been read before; all that had been written to
   * `primary` until now is read, open transactions included. Consequence: a hand-over that was committed with that
   * position, or before it, is among it. Guarantee: who is the primary by what is known now, is it as long as the partition
   * is held, unless it hands it over itself.
   */
  private async learn(partition: number, held: Held): Promise<void> {
    const { clock } = this.options
    const backoff = new Backoff(clock)
    while (!held.isKnown && held.failure === null && !held.lost.aborted) {
      try {
        await this.readTo(partition, held)
      } catch (error) {
        // What time does not mend the worker meets when it reads the partition.
        if (!(error instanceof ShoalError && error.retriable)) held.failure = error as Error
        else await backoff.wait(held.lost)
      }
    }
    this.look()
  }

  private async readTo(partition: number, held: Held): Promise<void> {
    const { log, primaries, name, input, beginsAt } = this.options
    const written = await unlessAborted(held.lost, this.written())
    if (written !== null) await primaries.reach(written, held.lost)
    if (beginsAt === 'primary' && this.primacyOf(partition, held).deployment !== name) {
      const committed = await unlessAborted(held.lost, log.committed(name, input))
      held.isToSkip = committed !== null && !committed.has(partition)
    }
    held.isKnown = !held.lost.aborted
  }

  /** Partitions that come together ask once. */
  private written(): Promise<number> {
    const { log, topic } = this.options
    this.asking ??= Promise.resolve().then(() => {
      this.asking = null
      return log.written({ topic, partition: 0 })
    })
    return this.asking
  }

  /** What has been given up has been computed to its end once a read holds nothing of it. */
  private forget(batches: readonly RecordBatch[]): void {
    for (const [partition, { lost }] of this.held) {
      if (lost.aborted && !batches.some((batch) => batch.partition === partition)) this.held.delete(partition)
    }
  }
}
