import { ShoalError } from '../../runtime/errors.ts'
import type { Seat, Staged } from '../../runtime/membership/group-session.ts'
import type { Clock, Log, Positions } from '../../runtime/ports.ts'
import type { Group } from './group.ts'
import type { OffsetRange, PartitionLog } from './partition-log.ts'
import type { RecordColumns } from './record-columns.ts'

/** Brings the outcome of a transaction to one of the partitions that it has written to. */
export type Tell = (deliver: () => void) => void

/**
 * A transaction as the brokers see it: records already in the log, positions already with the group, all pending
 * until the end. One that is left open is aborted after its timeout, so that whoever wrote it and died holds
 * up readers and new owners for no longer.
 */
export class LogTransaction {
  #outcome: 'commit' | 'abort' | null = null
  readonly #written = new Map<PartitionLog, OffsetRange[]>()
  readonly #staged = new Map<Group, Map<number, number>>()
  readonly #ended = new AbortController()
  readonly #tell: Tell

  constructor(clock: Clock, timeoutMs: number, log: Log | undefined, tell: Tell) {
    this.#tell = tell
    void clock.sleep(timeoutMs, this.#ended.signal).then(() => {
      if (this.#outcome !== null) return
      log?.warn('a transaction was left open until its timeout and is aborted', { timeoutMs })
      this.abort()
    })
  }

  write(partition: PartitionLog, records: RecordColumns): void {
    this.#refuseWhenEnded()
    const range = partition.appendOpen(this, records)
    this.#written.set(partition, [...(this.#written.get(partition) ?? []), range])
  }

  /** Positions that move when the transaction commits; nothing of them for a seat that is not of the present generation. */
  stage(group: Group, seat: Seat, next: Positions): Staged {
    this.#refuseWhenEnded()
    if (!group.isSeated(seat)) return 'stale'
    this.stageUnfenced(group, next)
    return 'staged'
  }

  /** The same without a generation, which Kafka allows to those who are no member: a tool, a test. */
  stageUnfenced(group: Group, next: Positions): void {
    const staged = this.#staged.get(group) ?? new Map<number, number>()
    for (const [partition, offset] of next) staged.set(partition, offset)
    this.#staged.set(group, staged)
    group.hold(this, staged.keys())
  }

  commit(): void {
    this.#refuseWhenEnded()
    this.#end('commit')
  }

  /** Nothing happens to a transaction that has ended. */
  abort(): void {
    if (this.#outcome === null) this.#end('abort')
  }

  #end(outcome: 'commit' | 'abort'): void {
    this.#outcome = outcome
    this.#ended.abort()
    for (const [partition, ranges] of this.#written) {
      this.#tell(() => partition.endTransaction(this, ranges, outcome))
    }
    for (const [group, next] of this.#staged) group.release(this, outcome === 'commit' ? next : new Map())
  }

  #refuseWhenEnded(): void {
    if (this.#outcome === null) return
    throw new ShoalError('log.fenced', `a transaction must be open to be written: it has ended (${this.#outcome})`)
  }
}
