/** The head of every input partition, read until there is enough to seed the clusters from. */

import type { FeaturePlan } from '../core/features/feature-plan.ts'
import { sampleBounds, vectorise } from '../core/features/vectorise.ts'
import { FieldColumns, type Projection } from '../core/fields/fields.ts'
import type { OffsetRange } from '../core/model/model.ts'
import { type ProfileLimits, Profiles } from '../core/profiles/profiles.ts'
import type { RecordBatch } from '../stages/records.ts'
import { chunkEvents } from '../stages/score.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { Clock, EventLog, SchemaRegistry } from './ports.ts'
import { resolveSchemas } from './schemas.ts'

export interface SampleOptions {
  readonly topic: string
  readonly partitions: number
  readonly plan: FeaturePlan
  readonly profiles: ProfileLimits
  /** Makes one for a sample: what it keeps is let go with it. */
  readonly projection: () => Projection
  readonly log: EventLog
  readonly registry: SchemaRegistry | null
  readonly clock: Clock
  readonly health: Health
  /** Enough for a birth at once. */
  readonly enoughEvents: number
  /** Enough for a birth once `maxWaitMs` has passed. */
  readonly leastEvents: number
  readonly maxWaitMs: number
  /** Told how many events there are, out of how many. */
  readonly onProgress: (events: number, enough: number) => void
}

export interface BirthSample {
  /** n × d in the order of partition and offset, numbers as they are; NaN where a value is missing. */
  readonly rows: Float64Array
  readonly n: number
  readonly ranges: readonly OffsetRange[]
}

const pollMs = 200

/** Waits for enough events; null when the signal fires first. */
export async function birthSample(options: SampleOptions, signal: AbortSignal): Promise<BirthSample | null> {
  const { partitions, clock, enoughEvents, leastEvents, maxWaitMs } = options
  const stopReading = new AbortController()
  const stop = () => stopReading.abort()
  signal.addEventListener('abort', stop, { once: true })
  const reading = { ...options, projection: options.projection() }
  const heads = Array.from({ length: partitions }, (_, partition) => new Head(partition, reading, stopReading.signal))
  const startedMs = clock.now()
  try {
    for (;;) {
      if (signal.aborted) return null
      const total = heads.reduce((sum, head) => sum + head.valid, 0)
      options.onProgress(total, enoughEvents)
      if (total >= enoughEvents) return joined(heads, options.plan.columns.length)
      const open: Head[] = []
      for (const head of heads) if (await head.hasMore()) open.push(head)
      if (open.length === 0) {
        if (total >= leastEvents && clock.now() - startedMs >= maxWaitMs)
          return joined(heads, options.plan.columns.length)
        await clock.sleep(pollMs, signal)
        continue
      }
      const share = Math.ceil((enoughEvents - total) / open.length)
      for (const head of open) await head.take(share)
    }
  } finally {
    stop()
    signal.removeEventListener('abort', stop)
    await Promise.all(heads.map((head) => head.close()))
  }
}

function joined(heads: readonly Head[], d: number): BirthSample {
  const n = heads.reduce((sum, head) => sum + head.valid, 0)
  const rows = new Float64Array(n * d)
  let at = 0
  for (const head of heads) {
    for (const part of head.parts) {
      rows.set(part, at)
      at += part.length
    }
  }
  const ranges = heads.filter((head) => head.to > head.from).map(({ partition, from, to }) => ({ partition, from, to }))
  return { rows, n, ranges }
}

type Reading = Omit<SampleOptions, 'projection'> & { readonly projection: Projection }

/** One partition's head: what has been taken from it, and the batch that is being taken from. */
class Head {
  readonly partition: number
  readonly parts: Float64Array[] = []
  valid = 0
  from = 0
  to = 0
  private readonly options: Reading
  private readonly signal: AbortSignal
  private records: AsyncIterator<RecordBatch> | null = null
  private batch: RecordBatch | null = null
  private taken = 0
  /** As scoring from the start of the log has them: the sample is the first of it. */
  private readonly profiles: Profiles | null

  constructor(partition: number, options: Reading, signal: AbortSignal) {
    this.partition = partition
    this.options = options
    this.signal = signal
    const { plan, profiles } = options
    this.profiles = plan.profiles === null ? null : new Profiles(plan.profiles, profiles)
  }

  /** Whether committed records lie beyond what has been taken. */
  async hasMore(): Promise<boolean> {
    const { log, topic } = this.options
    const { partition } = this
    const bounds = await unlessAborted(this.signal, log.bounds({ topic, partition }))
    if (bounds === null) return false
    const { start, end } = bounds
    if (this.records === null) {
      this.from = start
      this.to = start
      this.records = log.follow(topic, new Map([[partition, start]]), this.signal)[Symbol.asyncIterator]()
    }
    return this.to < end
  }

  /** Takes about `count` valid events, or what the next batch has of them. */
  async take(count: number): Promise<void> {
    const batch = await this.nextBatch()
    if (batch === null) return
    const { plan, projection, clock } = this.options
    if (!(await resolveSchemas(this.options, batch, this.signal))) return
    const d = plan.columns.length
    const bounds = sampleBounds(d)
    const fields = new FieldColumns(chunkEvents, plan.slots)
    const rows = new Float64Array(chunkEvents * d)
    const eventOf = new Int32Array(chunkEvents)
    for (let left = count; left > 0 && this.taken < batch.count; ) {
      const upTo = Math.min(this.taken + Math.min(left, chunkEvents), batch.count)
      const events = upTo - this.taken
      projection.project(batch, this.taken, upTo, fields)
      const { profiles } = this
      const profiled = profiles === null ? null : { profiles, records: { ...batch, from: this.taken } }
      const { valid } = vectorise(plan, fields, batch.bytes, events, bounds, rows, eventOf, profiled)
      this.parts.push(rows.slice(0, valid * d))
      this.valid += valid
      left -= valid
      this.taken = upTo
      await clock.yield()
    }
    if (this.taken < batch.count) {
      this.to = batch.offset[this.taken - 1] + 1
      return
    }
    this.to = batch.nextOffset
    this.batch = null
  }

  /** Lets the reader go, and with it its connections: a signal alone does not wake one that nobody asks for more. */
  async close(): Promise<void> {
    await this.records?.return?.()
  }

  private async nextBatch(): Promise<RecordBatch | null> {
    if (this.batch !== null || this.records === null) return this.batch
    const next = await this.records.next()
    if (next.done === true) return null
    this.batch = next.value
    this.taken = 0
    return this.batch
  }
}
