/** Which record batches of a fetch belong to aborted transactions (KIP-98, "Reading committed messages"). */

/** A producer's transaction that was aborted, from its first offset in the partition on. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/**
 * Follows the batches of one fetch in offset order. A producer's aborted range begins when a batch's LAST offset
 * reaches the transaction's first offset (compaction may have taken the first record, so a batch's base says
 * nothing), and ends with that producer's abort marker.
 */
export class AbortedRanges {
  readonly #waiting: readonly AbortedTransaction[]
  readonly #open = new Set<bigint>()
  #next = 0

  /** The broker lists transactions in the order of their markers; ranges begin in the order of their first offsets. */
  constructor(transactions: readonly AbortedTransaction[]) {
    this.#waiting = transactions.toSorted((a, b) => a.firstOffset - b.firstOffset)
  }

  /** To be called for every batch before it is judged. */
  reach(lastOffset: number): void {
    while (this.#next < this.#waiting.length && this.#waiting[this.#next].firstOffset <= lastOffset) {
      this.#open.add(this.#waiting[this.#next++].producerId)
    }
  }

  isAborted(producerId: bigint): boolean {
    return this.#open.has(producerId)
  }

  /** An abort marker of this producer lies here. */
  end(producerId: bigint): void {
    this.#open.delete(producerId)
  }
}
