/**
 * Which versions the topic of models holds, and what each says: for lists, comparisons and whoever asks for one by number.
 * What the follower reads anyway is noted as it comes; what is older is read when somebody asks, as far back as he asks.
 */
import type { RecordBatch } from '../../stages/records.ts'
import { unlessAborted } from '../interruption.ts'
import type { FollowedVersions, PublishedModel } from '../model-follower.ts'
import { versionRecordAt, versionRecordsOf } from '../version-records.ts'
import { type VersionFacts, type VersionView, versionFacts, versionView } from '../views/version-view.ts'
import { type KeptVersions, publishedAt, searchVersion } from './kept-versions.ts'
import { offsetsUpTo } from './offsets-up-to.ts'
import { type Spread, versionsSpread } from './spread-versions.ts'

/** Versions whose facts are remembered, offsets of versions and of tombstones, and lines of one list. */
const mostFacts = 1000
const mostOffsets = 100_000
const mostListed = 200
/** Versions that are read to find one that fits. */
const mostTried = 8
/** Offsets that are looked at, at first and at most at once, for versions older than are known. */
const firstWindow = 64
const longestWindow = 4096

export class VersionBook implements FollowedVersions {
  private readonly options: KeptVersions
  private readonly offsets = new Map<number, number>()
  private readonly facts = new Map<number, VersionFacts>()
  /** Versions of which a tombstone has been seen: an older record of theirs counts no more. */
  private readonly gone = new Set<number>()
  /** Every record of these offsets has been noted; -1: nobody has told where to begin. */
  private notedFrom = -1
  private notedTo = -1
  private window = firstWindow
  private newest: PublishedModel | null = null
  /** What reads the topic, one after the other. */
  private reading: Promise<unknown> = Promise.resolve()

  constructor(options: KeptVersions) {
    this.options = options
  }

  /** The topic is followed from this offset on. */
  begun(from: number): void {
    if (this.notedFrom >= 0 && from >= this.notedFrom && from <= this.notedTo) return
    this.forget()
    this.notedFrom = from
    this.notedTo = from
  }

  seen(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const record = versionRecordAt(batch, i)
      if (record === null || record.offset < this.notedTo) continue
      if (record.isTombstone) this.tombstone(record.version)
      else this.offsets.set(record.version, record.offset)
    }
    this.notedTo = Math.max(this.notedTo, batch.nextOffset)
    if (this.offsets.size > mostOffsets) this.shed()
  }

  adopted(published: PublishedModel): void {
    this.newest = published
    this.remember(versionFacts(published))
  }

  /** The topic was begun anew. */
  forgotten(): void {
    this.newest = null
    this.forget()
  }

  /** The newest versions before `before`, at most `limit` of them, newest first; what cannot be read is left out. */
  list(limit: number, before: number, signal: AbortSignal): Promise<readonly VersionView[]> {
    const most = Math.min(limit, mostListed)
    return this.inTurn(async () => {
      while (!signal.aborted && this.newest !== null) {
        const wanted = this.versionsBefore(before).slice(0, most)
        if (wanted.length < most && (await this.lookBack(signal))) continue
        if (await this.learnFacts(wanted, signal)) return wanted.flatMap((version) => this.viewOf(version) ?? [])
      }
      return []
    })
  }

  /** A version that is kept; null: there is none of this number, or the signal has fired. */
  read(version: number, signal: AbortSignal): Promise<PublishedModel | null> {
    if (this.newest?.scorer.version === version) return Promise.resolve(this.newest)
    return this.inTurn(async () => {
      const offset = await this.offsetOf(version, signal)
      if (offset === null) return null
      for await (const read of publishedAt(this.options, [offset], signal)) {
        if (read.scorer.version !== version || !this.isOfThisLife(read)) return null
        this.remember(versionFacts(read))
        return read
      }
      return null
    })
  }

  /** The newest version up to this one that fits, of the few that are looked at; null: none does, or the signal has fired. */
  newestUpTo(
    version: number,
    fits: (published: PublishedModel) => boolean,
    signal: AbortSignal,
  ): Promise<PublishedModel | null> {
    return this.inTurn(async () => {
      const records = await offsetsUpTo(this.options, version, mostTried, this.notedTo, signal)
      for (const record of records) {
        for await (const read of publishedAt(this.options, [record.offset], signal)) {
          if (read.scorer.version === record.version && this.isOfThisLife(read) && fits(read)) return read
        }
      }
      return null
    })
  }

  /** What `pick` makes of a few versions, evenly over those since then, oldest first. */
  spread<T>(asked: Spread, pick: (published: PublishedModel) => T, signal: AbortSignal): Promise<readonly T[]> {
    return this.inTurn(async () => {
      const picked: T[] = []
      for await (const read of versionsSpread(this.options, asked, this.notedTo, signal)) {
        if (this.isOfThisLife(read)) picked.push(pick(read))
      }
      return picked
    })
  }

  /** The line of a version that `read` or `list` has given; null: it is not known any more. */
  viewOf(version: number): VersionView | null {
    const facts = this.facts.get(version)
    const control = this.newest?.scorer.model.control
    return facts === undefined || control === undefined ? null : versionView(facts, control)
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.reading.then(work, work)
    this.reading = turn.catch(() => undefined)
    return turn
  }

  private versionsBefore(before: number): number[] {
    return [...this.offsets.keys()].filter((version) => version < before).sort((a, b) => b - a)
  }

  private tombstone(version: number): void {
    this.offsets.delete(version)
    this.facts.delete(version)
    this.gone.add(version)
    dropFirst(this.gone, mostOffsets)
  }

  private remember(facts: VersionFacts): void {
    this.facts.delete(facts.version)
    this.facts.set(facts.version, facts)
    dropFirst(this.facts, mostFacts)
  }

  /** The older half is looked for again when somebody asks. */
  private shed(): void {
    const versions = this.versionsBefore(Number.POSITIVE_INFINITY)
    for (const version of versions.slice(mostOffsets / 2)) this.offsets.delete(version)
    this.notedFrom = this.offsets.get(versions[mostOffsets / 2 - 1])!
  }

  private forget(): void {
    this.offsets.clear()
    this.facts.clear()
    this.gone.clear()
    this.notedFrom = -1
    this.notedTo = -1
    this.window = firstWindow
  }

  /** Notes what lies before what has been noted; false: there is nothing more, or the signal has fired. */
  private async lookBack(signal: AbortSignal): Promise<boolean> {
    const { log, topic } = this.options
    const at = { topic, partition: 0 }
    const to = this.notedFrom
    const start = (await unlessAborted(signal, log.bounds(at)))?.start ?? to
    const from = Math.max(start, to - this.window)
    if (from >= to || this.offsets.size >= mostOffsets / 2) return false
    const older = new Map<number, number>()
    for await (const { version, offset, isTombstone } of versionRecordsOf(log, { topic, from, to }, signal)) {
      if (isTombstone) this.gone.add(version)
      if (isTombstone) older.delete(version)
      else if (!this.gone.has(version)) older.set(version, offset)
    }
    // A follower that began the topic anew meanwhile has forgotten what this belongs to.
    if (signal.aborted || this.notedFrom !== to) return false
    for (const [version, offset] of older) if (!this.offsets.has(version)) this.offsets.set(version, offset)
    this.notedFrom = from
    this.window = Math.min(2 * this.window, longestWindow)
    return true
  }

  /** Reads what is not known of them yet; false: some are no versions of this model, and are not listed any more. */
  private async learnFacts(versions: readonly number[], signal: AbortSignal): Promise<boolean> {
    const unknown = versions.filter((version) => !this.facts.has(version))
    const offsets = new Map(unknown.map((version) => [this.offsets.get(version) ?? -1, version]))
    for await (const read of publishedAt(this.options, [...offsets.keys()], signal)) {
      if (read.scorer.version === offsets.get(read.offset) && this.isOfThisLife(read)) this.remember(versionFacts(read))
    }
    if (signal.aborted) return false
    const others = unknown.filter((version) => !this.facts.has(version))
    for (const version of others) this.offsets.delete(version)
    return others.length === 0
  }

  private isOfThisLife({ scorer: { model } }: PublishedModel): boolean {
    return this.newest !== null && model.bornAtMs === this.newest.scorer.model.bornAtMs
  }

  private async offsetOf(version: number, signal: AbortSignal): Promise<number | null> {
    const known = this.offsets.get(version)
    if (known !== undefined || this.gone.has(version) || this.notedFrom < 0) return known ?? null
    return searchVersion(this.options, version, this.notedFrom, signal)
  }
}

/** What was put in first goes first. */
function dropFirst(of: Map<number, unknown> | Set<number>, most: number): void {
  for (const key of of.keys()) {
    if (of.size <= most) return
    of.delete(key)
  }
}
