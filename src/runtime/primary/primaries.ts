/** Which deployment is the primary of each input partition, as the topic `primary` says: read from its start, then followed. */
import { type RecordBatch, valueAt } from '../../stages/records.ts'
import { wireHeaderBytes } from '../../stages/wire-format.ts'
import type { Health } from '../health.ts'
import { unlessAborted } from '../interruption.ts'
import { News } from '../news.ts'
import type { EventLog, Telemetry } from '../ports.ts'
import { decodePrimary, isHandOver, type Promotion } from './primary-record.ts'

/** Whose the outputs of a partition are, from which offset of the input on. */
export interface Primacy {
  readonly deployment: string
  readonly fromOffset: number
  /** Offset of the record that says so; -1: none does, so it is the first deployment's from the beginning. */
  readonly at: number
}

export interface PrimariesOptions {
  readonly topic: string
  /** The primary of every partition that nothing is said about. */
  readonly first: string
  readonly log: EventLog
  readonly telemetry: Pick<Telemetry, 'log'>
  readonly health: Pick<Health, 'recovered'>
}

const task = 'primary'

export class Primaries {
  /** More has been read. */
  readonly news = new News()
  private readonly options: PrimariesOptions
  private readonly known = new Map<number, Primacy>()
  private promoted: Promotion | null = null
  /** Everything committed before this offset has been read. */
  private readUpTo = -1

  constructor(options: PrimariesOptions) {
    this.options = options
  }

  of(partition: number): Primacy {
    return this.known.get(partition) ?? { deployment: this.options.first, fromOffset: 0, at: -1 }
  }

  /** Which deployment every partition is to be handed over to; null: nobody was ever promoted. */
  get promotion(): Promotion | null {
    return this.promoted
  }

  /** Follows the topic until the signal fires. May be run again after it threw: what was read is not read again. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, topic, health } = this.options
    const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
    if (bounds === null) return
    health.recovered('kafka', task)
    health.recovered(task)
    const from = Math.max(bounds.start, Math.min(this.readUpTo, bounds.end))
    this.advance(from)
    for await (const batch of log.follow(topic, new Map([[0, from]]), signal)) {
      for (let i = 0; i < batch.count; i++) this.take(batch, i)
      this.advance(batch.nextOffset)
    }
  }

  /** Resolves when everything before `offset` has been read, or when the signal fires. */
  async reach(offset: number, signal: AbortSignal): Promise<void> {
    while (this.readUpTo < offset && !signal.aborted) await this.news.next(signal)
  }

  /** Resolves when all that had been committed when this was called has been read, or when the signal fires. */
  async upToDate(signal: AbortSignal): Promise<void> {
    const { log, topic } = this.options
    const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
    if (bounds !== null) await this.reach(bounds.end, signal)
  }

  private advance(to: number): void {
    this.readUpTo = Math.max(this.readUpTo, to)
    this.news.tell()
  }

  private take(batch: RecordBatch, i: number): void {
    const value = valueAt(batch, i)
    const record = value === null ? null : decodePrimary(value.subarray(wireHeaderBytes))
    if (record === null) {
      const { topic, telemetry } = this.options
      telemetry.log.error('a record that says nothing of a primary is passed over', { topic, offset: batch.offset[i] })
    } else if (isHandOver(record)) {
      const { deployment, fromOffset } = record
      this.known.set(record.partition, { deployment, fromOffset, at: batch.offset[i] })
    } else this.promoted = record
  }
}
