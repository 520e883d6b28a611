import { codeOf, ShoalError } from '../../runtime/errors.ts'
import type { Positions, ReadLimit, Share, Transaction } from '../../runtime/ports.ts'
import type { RecordBatch } from '../../stages/records.ts'
import type { MemoryCluster } from './cluster.ts'
import type { Seat } from './group.ts'
import type { OutputColumns } from './outputs.ts'
import type { PartitionLog } from './partition-log.ts'
import { ShareTransaction } from './share-transaction.ts'
import { whenAny } from './wakeup.ts'
import type { Wire } from './wire.ts'

/** One that is being filled and one that commits. */
const mostOpen = 2

export class MemoryShare implements Share {
  readonly generation: number
  readonly partitions: readonly number[]
  readonly ended: AbortSignal
  readonly positions: Positions
  readonly #cluster: MemoryCluster
  readonly #wire: Wire
  readonly #group: string
  readonly #topic: string
  readonly #seat: Seat
  readonly #logs: readonly PartitionLog[]
  readonly #next: Map<number, number>
  readonly #open = new Set<ShareTransaction>()
  #reads = 0
  /** The newest commit. */
  #lastCommit: Promise<void> = Promise.resolve()
  /** Why nothing more can be committed in this share. */
  #failure: { readonly error: unknown } | null = null

  constructor(cluster: MemoryCluster, wire: Wire, group: string, topic: string, seat: Seat, positions: Positions) {
    this.generation = seat.generation
    this.partitions = seat.partitions
    this.ended = seat.ended
    this.positions = positions
    this.#cluster = cluster
    this.#wire = wire
    this.#group = group
    this.#topic = topic
    this.#seat = seat
    this.#logs = seat.partitions.map((partition) => cluster.partition({ topic, partition }))
    this.#next = new Map(positions)
  }

  async read(limit: ReadLimit): Promise<readonly RecordBatch[]> {
    if (this.ended.aborted) return []
    const advanced = this.#logs.map((log) => log.advanced)
    const batches = await this.#wire('fetch', async () => {
      for (;;) {
        const found = this.#fetch(limit)
        if (found.length > 0 || this.ended.aborted) return found
        await whenAny(advanced, this.ended)
      }
    })
    this.#reads++
    for (const batch of batches) this.#next.set(batch.partition, batch.nextOffset)
    return batches
  }

  begin(): Transaction {
    if (this.#failure !== null) throw this.#failure.error
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

  /** Ends what the run left behind: what commits is awaited, what is being filled is abandoned. */
  async close(): Promise<void> {
    for (const transaction of this.#open) transaction.leave()
    await this.#lastCommit
  }

  /**
   * A commit whose forerunner failed is refused with the same error: its positions would pass over the records
   * that the forerunner should have written.
   */
  #commitInOrder(outputs: OutputColumns, next: Positions): Promise<void> {
    const commit = this.#lastCommit.then(() => this.#commit(outputs, next))
    this.#lastCommit = commit.catch(() => undefined)
    return commit
  }

  /** The steps and their order are Kafka's: records, positions (fenced by generation), end. */
  async #commit(outputs: OutputColumns, next: Positions): Promise<void> {
    if (this.#failure !== null) throw this.#failure.error
    const group = this.#cluster.group(this.#group, this.#topic)
    const transaction = this.#cluster.begin()
    try {
      await this.#wire('produce', () => {
        this.#cluster.accept(outputs, (partition, records) => transaction.write(partition, records))
      })
      await this.#wire('stage', () => transaction.stage(group, this.#seat, next))
      await this.#wire('end', () => transaction.commit())
    } catch (error) {
      this.#failure = { error }
      await this.#abort(() => transaction.abort())
      if (codeOf(error) === 'log.fenced') this.#seat.member.ended.abort()
      throw error
    }
  }

  async #abort(deliver: () => void): Promise<void> {
    try {
      await this.#wire('end', deliver)
    } catch (error) {
      this.#cluster.log?.warn('a transaction could not be aborted and waits for its timeout', {
        group: this.#group,
        error,
      })
    }
  }

  /**
   * What is there now. Each partition with something to say gets an even part of what is left of the limit, and
   * each read starts with another partition, so that none is always last.
   */
  #fetch(limit: ReadLimit): RecordBatch[] {
    const ready = rotated(this.#logs, this.#reads).filter((log) => this.#nextOf(log) < log.stableEnd)
    const batches: RecordBatch[] = []
    let events = limit.maxEvents
    let bytes = limit.maxBytes
    ready.forEach((log, i) => {
      const sharers = ready.length - i
      let partEvents = Math.ceil(events / sharers)
      let partBytes = Math.ceil(bytes / sharers)
      let from = this.#nextOf(log)
      for (;;) {
        const batch = log.read(from, partEvents, partBytes, events === limit.maxEvents)
        if (batch === null) return
        const size = valueBytes(batch)
        from = batch.nextOffset
        partEvents -= batch.count
        partBytes -= size
        events -= batch.count
        bytes -= size
        batches.push(batch)
      }
    })
    return batches
  }

  #nextOf(log: PartitionLog): number {
    const next = this.#next.get(log.partition)!
    if (next >= log.start && next <= log.end) return next
    throw new ShoalError(
      'log.out_of_range',
      `the position of group ${this.#group} in ${log.topic}/${log.partition} must lie within ` +
        `[${log.start}, ${log.end}]: it is ${next}`,
    )
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

function valueBytes(batch: RecordBatch): number {
  let sum = 0
  for (let i = 0; i < batch.count; i++) sum += Math.max(0, batch.valueLength[i])
  return sum
}
