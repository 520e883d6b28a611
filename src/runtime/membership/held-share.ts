/** A share that lives as long as the member keeps its place in the group. */
import type { RecordBatch } from '../../stages/records.ts'
import type { Positions, ReadLimit, Share, Transaction } from '../ports.ts'
import type { PartitionReader, TransactionWriter } from './group-session.ts'
import type { Holdings } from './holdings.ts'

export class HeldShare implements Share {
  readonly ended: AbortSignal
  readonly #holdings: Holdings
  readonly #reader: PartitionReader
  readonly #writer: TransactionWriter
  #changing = Promise.withResolvers<void>()

  constructor(holdings: Holdings, reader: PartitionReader, writer: TransactionWriter, ended: AbortSignal) {
    this.#holdings = holdings
    this.#reader = reader
    this.#writer = writer
    this.ended = ended
    ended.addEventListener('abort', () => {
      reader.close()
      this.tellChange()
    })
  }

  get positions(): Positions {
    return this.#holdings.positions
  }

  changed(): Promise<void> {
    return this.ended.aborted ? Promise.resolve() : this.#changing.promise
  }

  held(partition: number): AbortSignal {
    return AbortSignal.any([this.#holdings.held(partition), this.ended])
  }

  async read(limit: ReadLimit): Promise<readonly RecordBatch[]> {
    if (this.ended.aborted) return []
    const batches = await this.#reader.read(limit)
    for (const { partition, nextOffset } of batches) this.#holdings.give(partition, nextOffset)
    return batches
  }

  begin(): Transaction {
    return this.#writer.begin()
  }

  tellChange(): void {
    this.#changing.resolve()
    this.#changing = Promise.withResolvers()
  }
}
