/** The end of the topic of the audit, as a writer has read it. */
import { type RecordBatch, valueAt } from '../../stages/records.ts'
import { wireHeaderBytes } from '../../stages/wire-format.ts'
import { batchesUpTo } from '../batches.ts'
import { unlessAborted } from '../interruption.ts'
import type { EventLog } from '../ports.ts'
import { statedHash } from './audit-codec.ts'
import { mostSeen, type SeenRecord } from './audit-record.ts'

/** Offsets before the end that are read at first: marks of transactions lie between the records. */
const firstWindow = 4 * mostSeen

export class AuditTail {
  private readonly log: EventLog
  private readonly topic: string
  private readTo = -1
  private last: readonly SeenRecord[] = []

  constructor(log: EventLog, topic: string) {
    this.log = log
    this.topic = topic
  }

  /** The newest records, oldest first. */
  get seen(): readonly SeenRecord[] {
    return this.last
  }

  /** Reads on to the end and gives what is new; what has been read before the signal fires. */
  async read(signal: AbortSignal): Promise<readonly SeenRecord[]> {
    const { log, topic } = this
    const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
    if (bounds === null) return []
    const { start, end } = bounds
    // A topic that was made anew ends before what has been read of another.
    const isOther = this.readTo > end
    const from = Math.max(start, this.readTo < 0 || isOther ? end - firstWindow : this.readTo)
    const fresh: SeenRecord[] = []
    for await (const batch of batchesUpTo(log, topic, [{ partition: 0, from, to: end }], signal)) {
      fresh.push(...recordsIn(batch))
      this.readTo = batch.nextOffset
    }
    this.readTo = Math.max(isOther ? 0 : this.readTo, end)
    this.last = [...(isOther ? [] : this.last), ...fresh].slice(-mostSeen)
    return fresh
  }
}

function recordsIn(batch: RecordBatch): SeenRecord[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const hash = statedHash(valueAt(batch, i)?.subarray(wireHeaderBytes) ?? new Uint8Array(0))
    return hash === null ? [] : [{ offset: batch.offset[i], hash }]
  }).flat()
}
