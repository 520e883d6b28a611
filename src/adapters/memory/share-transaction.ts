import type { Positions, Transaction } from '../../runtime/ports.ts'
import type { OutputRecord, RecordSink } from '../../stages/records.ts'
import { OutputColumns } from './outputs.ts'

/** A transaction as a worker sees it: nothing leaves this object before `commit`. */
export class ShareTransaction implements Transaction {
  #outputs = new OutputColumns()
  #state: 'filling' | 'committing' | 'over' = 'filling'
  #committing: Promise<void> = Promise.resolve()
  readonly #commit: (outputs: OutputColumns, next: Positions) => Promise<void>
  readonly #onOver: () => void

  constructor(commit: (outputs: OutputColumns, next: Positions) => Promise<void>, onOver: () => void) {
    this.#commit = commit
    this.#onOver = onOver
  }

  get bytes(): number {
    return this.#outputs.bytes
  }

  append(record: OutputRecord): void {
    this.#refuseUnlessFilling()
    this.#outputs.append(record)
  }

  sink(topic: string, partition: number): RecordSink {
    this.#refuseUnlessFilling()
    return this.#outputs.sink(topic, partition)
  }

  async commit(next: Positions): Promise<void> {
    this.#refuseUnlessFilling()
    this.#state = 'committing'
    this.#committing = this.#commit(this.#outputs, new Map(next)).finally(() => this.#finish())
    await this.#committing
  }

  /** A commit that is under way is waited for: it stands, or has undone itself. */
  async abandon(): Promise<void> {
    if (this.#state === 'committing') await this.#committing.catch(() => undefined)
    else this.#finish()
  }

  #finish(): void {
    this.#state = 'over'
    this.#outputs = new OutputColumns()
    this.#onOver()
  }

  #refuseUnlessFilling(): void {
    if (this.#state !== 'filling') throw new Error(`a transaction must be open to be used: it is ${this.#state}`)
  }
}
