/** A worker as the supervisor keeps one: whatever ends its membership, it joins again. */
import { codeOf } from '../../src/runtime/errors.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { Copier } from '../contract/event-log/copier.ts'

export class SupervisedCopier {
  /** Codes of the errors that ended memberships. */
  readonly endings: string[] = []
  readonly #join: () => Copier
  #present: Copier | null = null
  #working: Promise<void> = Promise.resolve()

  constructor(log: EventLog, group: string, input: string, output: string) {
    this.#join = () => new Copier(log, group, input, output)
  }

  start(): void {
    const copier = this.#join()
    copier.allow(Number.MAX_SAFE_INTEGER)
    this.#present = copier
    this.#working = copier.membership.done.catch((error) => {
      this.endings.push(codeOf(error))
      if (this.#present === copier) this.start()
    })
  }

  /** Leaves the group in order. */
  async stop(): Promise<void> {
    const copier = this.#present
    this.#present = null
    await copier?.membership.leave()
    await this.#working
  }
}
