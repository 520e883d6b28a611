/** One generation's share of the partitions, as the runtime is given it. */
import type { Positions, ReadLimit, Share, Transaction } from '../../runtime/ports.ts'
import type { RecordBatch } from '../../stages/records.ts'
import type { Fetcher } from './fetcher.ts'
import { type PartitionBuffer, spanOf } from './partition-buffer.ts'
import type { Transactions } from './transaction.ts'

export class GroupShare implements Share {
  readonly generation: number
  readonly partitions: readonly number[]
  readonly ended: AbortSignal
  readonly positions: Positions
  readonly #fetcher: Fetcher
  readonly #transactions: Transactions

  constructor(
    generation: number,
    positions: Positions,
    ended: AbortSignal,
    fetcher: Fetcher,
    transactions: Transactions,
  ) {
    this.generation = generation
    this.partitions = [...positions.keys()].toSorted((a, b) => a - b)
    this.positions = positions
    this.ended = ended
    this.#fetcher = fetcher
    this.#transactions = transactions
  }

  async read(limit: ReadLimit): Promise<readonly RecordBatch[]> {
    for (;;) {
      if (this.ended.aborted) return []
      const batches = takeEvenly(this.#fetcher.partitions, limit)
      if (batches.length > 0) {
        this.#fetcher.took()
        return batches
      }
      if (this.#fetcher.failure !== null) throw this.#fetcher.failure
      await this.#fetcher.arrived.wait()
    }
  }

  begin(): Transaction {
    return this.#transactions.begin()
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
