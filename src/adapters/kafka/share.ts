/** One generation's share of the partitions, as the runtime is given it. */
import type { Positions, ReadLimit, Share, Transaction } from '../../runtime/ports.ts'
import type { RecordBatch } from '../../stages/records.ts'
import type { Fetcher } from './fetcher.ts'
import type { PartitionBuffer } from './partition-buffer.ts'
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

/** The limits divided by the partitions that have something; what one leaves goes to those that have more. */
function takeEvenly(buffers: readonly PartitionBuffer[], limit: ReadLimit): readonly RecordBatch[] {
  const ready = buffers.filter((buffer) => buffer.hasSomething).toSorted((a, b) => a.count - b.count)
  const batches: RecordBatch[] = []
  let events = limit.maxEvents
  let bytes = limit.maxBytes
  for (const [i, buffer] of ready.entries()) {
    const left = ready.length - i
    const share = Math.floor(events / left)
    const bytesShare = Math.floor(bytes / left)
    // A first record goes whatever its size, so that the position moves; the others keep within what is left.
    if ((bytesShare < 1 || (share < 1 && events < 1)) && batches.length > 0) break
    for (const batch of buffer.take(Math.max(1, share), bytesShare)) {
      batches.push(batch)
      events -= batch.count
      bytes -= bytesOf(batch)
    }
  }
  return batches
}

function bytesOf(batch: RecordBatch): number {
  if (batch.count === 0) return 0
  const last = batch.count - 1
  return batch.valueStart[last] + Math.max(0, batch.valueLength[last]) - batch.keyStart[0]
}
