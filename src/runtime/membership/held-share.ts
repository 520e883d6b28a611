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
  readonly #onPaused: () => void
  #stands: ((signal: AbortSignal) => Promise<boolean>) | null = null
  #changing = Promise.withResolvers<void>()

  /** `onPaused`: nothing more will be committed of a partition than what is in a transaction already. */
  constructor(
    holdings: Holdings,
    reader: PartitionReader,
    writer: TransactionWriter,
    ended: AbortSignal,
    onPaused: () => void,
  ) {
    this.#onPaused = onPaused
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

  pause(partition: number, from: number): void {
    this.#reader.remove(partition)
    this.#holdings.pause(partition, from)
    this.#onPaused()
  }

  resume(partition: number): void {
    const from = this.#holdings.resume(partition)
    if (from !== null && !this.ended.aborted) this.#reader.add(new Map([[partition, from]]))
  }

  guard(stands: (signal: AbortSignal) => Promise<boolean>): void {
    this.#stands = stands
  }

  /** Whether what is held has been nobody else's, as far as its worker can tell. */
  async stands(signal: AbortSignal): Promise<boolean> {
    return this.#stands === null || (await this.#stands(signal))
  }

  begin(): Transaction {
    return this.#writer.begin()
  }

  tellChange(): void {
    this.#changing.resolve()
    this.#changing = Promise.withResolvers()
  }
}
