import type { CommitDuty, TransactionWriter } from '../../runtime/membership/group-session.ts'
import type { Positions, Transaction } from '../../runtime/ports.ts'
import type { MemoryCluster } from './cluster.ts'
import type { Group } from './group.ts'
import type { OutputColumns } from './outputs.ts'
import { ShareTransaction } from './share-transaction.ts'
import type { LogTransaction } from './transaction.ts'
import type { Wire } from './wire.ts'

/** One that is being filled and one that commits. */
const mostOpen = 2

export class MemoryWriter implements TransactionWriter {
  readonly #cluster: MemoryCluster
  readonly #wire: Wire
  readonly #group: () => Group
  readonly #duty: CommitDuty
  readonly #open = new Set<ShareTransaction>()
  /** The newest commit. */
  #lastCommit: Promise<void> = Promise.resolve()
  /** Why nothing more can be committed. */
  #failure: Error | null = null

  constructor(cluster: MemoryCluster, wire: Wire, group: () => Group, duty: CommitDuty) {
    this.#cluster = cluster
    this.#wire = wire
    this.#group = group
    this.#duty = duty
  }

  begin(): Transaction {
    if (this.#failure !== null) throw this.#failure
    if (this.#open.size >= mostOpen) {
      throw new Error(`at most ${mostOpen} transactions may be open: commit or abandon one before the next begin`)
    }
    const transaction: ShareTransaction = new ShareTransaction(
      (outputs, next) => this.#commitInOrder(outputs, next),
      () => this.#open.delete(transaction),
    )
    this.#open.add(transaction)
    return transaction
  }

  fence(error: Error): void {
    this.#failure ??= error
  }

  async settled(): Promise<void> {
    await this.#lastCommit
  }

  /**
   * A commit whose forerunner failed is refused with the same error: its positions would pass over the records
   * that the forerunner should have written.
   */
  #commitInOrder(outputs: OutputColumns, next: Positions): Promise<void> {
    this.#duty.began()
    const commit = this.#lastCommit.then(() => this.#commit(outputs, next))
    this.#lastCommit = commit.catch(() => undefined)
    return commit
  }

  async #commit(outputs: OutputColumns, next: Positions): Promise<void> {
    const transaction = this.#cluster.begin()
    try {
      if (this.#failure !== null) throw this.#failure
      await this.#steps(transaction, outputs, next)
    } catch (error) {
      const failure = error as Error
      this.fence(failure)
      await this.#abort(transaction)
      this.#duty.ended(next, failure)
      throw failure
    }
    this.#duty.ended(next, null)
  }

  /** The steps and their order are Kafka's: records, positions (fenced by generation), end. */
  async #steps(transaction: LogTransaction, outputs: OutputColumns, next: Positions): Promise<void> {
    const { clock, transactionTimeoutMs } = this.#cluster
    const deadlineMs = clock.now() + transactionTimeoutMs
    await this.#wire('produce', () => {
      this.#cluster.accept(outputs, (partition, records) => transaction.write(partition, records))
    })
    if (next.size > 0) {
      const group = this.#group()
      await this.#duty.stage(next, deadlineMs, (seat) =>
        this.#wire('stage', () => transaction.stage(group, seat, next)),
      )
    }
    await this.#wire('end', () => transaction.commit())
  }

  async #abort(transaction: LogTransaction): Promise<void> {
    try {
      await this.#wire('end', () => transaction.abort())
    } catch (error) {
      this.#cluster.log?.warn('a transaction could not be aborted and waits for its timeout', { error })
    }
  }
}
