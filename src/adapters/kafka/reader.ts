/** What a member reads of its topic: an even part of each partition at a time. */
import type { PartitionReader } from '../../runtime/membership/group-session.ts'
import type { Positions, ReadLimit } from '../../runtime/ports.ts'
import { type RecordBatch, spanOf } from '../../stages/records.ts'
import { Fetcher, type FetcherOptions } from './fetcher.ts'
import type { PartitionBuffer } from './partition-buffer.ts'

export class ShareReader implements PartitionReader {
  readonly #fetcher: Fetcher
  #isClosed = false

  constructor(options: FetcherOptions) {
    this.#fetcher = new Fetcher(options)
  }

  add(from: Positions): void {
    this.#fetcher.add(from)
  }

  remove(partition: number): void {
    this.#fetcher.remove(partition)
  }

  async read(limit: ReadLimit): Promise<readonly RecordBatch[]> {
    while (this.#fetcher.partitions.length === 0 && !this.#isClosed) await this.#fetcher.arrival()
    while (!this.#isClosed && this.#fetcher.partitions.length > 0) {
      const batches = takeEvenly(this.#fetcher.partitions, limit)
      if (batches.length > 0) {
        this.#fetcher.took()
        return batches
      }
      if (this.#fetcher.failure !== null) throw this.#fetcher.failure
      await this.#fetcher.arrival(limit.gatherMs)
    }
    return []
  }

  close(): void {
    this.#isClosed = true
    this.#fetcher.close()
  }
}

/**
 * The limits divided by the partitions that have something, the shortest first, so that what one leaves goes to
 * those that have more. A record above the limit is given alone.
 */
function takeEvenly(buffers: readonly PartitionBuffer[], limit: ReadLimit): readonly RecordBatch[] {
  const ready = buffers.filter((buffer) => buffer.hasSomething).toSorted((a, b) => a.count - b.count)
  const batches: RecordBatch[] = []
  let events = limit.maxEvents
  let bytes = limit.maxBytes
  let given = 0
  for (const [i, buffer] of ready.entries()) {
    const left = ready.length - i
    const most = given === 0 ? Number.MAX_SAFE_INTEGER : bytes
    for (const batch of buffer.take(Math.ceil(events / left), bytes / left, most)) {
      batches.push(batch)
      given += batch.count
      events -= batch.count
      bytes -= spanOf(batch, 0, batch.count)
    }
  }
  return batches
}
