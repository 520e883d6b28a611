/** Whether the outcomes of one input partition are those that are due, each once and in order; judged as they come. */
import type { Counts } from '../../tools/fault-ledger.ts'
import type { Outcome } from '../stack/outcomes.ts'

export const noCounts = (): Counts => ({ events: 0, duplicates: 0, losses: 0, orderBreaks: 0, wrong: 0 })

const saidMost = 5

/** Outcomes of one kind: those of one partition are in the order of its events. What is judged is forgotten. */
export class OutcomeCheck {
  readonly #counts: Counts
  /** The first findings in words, over all partitions. */
  readonly #findings: string[]
  readonly #due: Outcome[] = []
  readonly #found: Outcome[] = []
  /** Passed over by a later one: lost, unless they come after all, out of order. */
  readonly #skipped = new Map<number, Outcome>()

  constructor(counts: Counts, findings: string[]) {
    this.#counts = counts
    this.#findings = findings
  }

  get outstanding(): number {
    return this.#due.length
  }

  due(outcome: Outcome): void {
    this.#due.push(outcome)
    this.#judge()
  }

  found(outcome: Outcome): void {
    this.#found.push(outcome)
    this.#judge()
  }

  /** The events before `end` are gone: those that still wait for their outcome need none. Gives their number. */
  waive(end: number): number {
    const first = this.#due.findIndex(({ offset }) => offset >= end)
    return this.#due.splice(0, first < 0 ? this.#due.length : first).length
  }

  /** Nothing more will come: what is still due is lost, what nobody waited for is too much. */
  close(): void {
    for (const outcome of this.#due.splice(0)) this.#lose(outcome)
    for (const outcome of this.#found.splice(0)) this.#tooMuch(outcome)
  }

  #judge(): void {
    while (this.#found.length > 0 && this.#due.length > 0) {
      const found = this.#found[0]
      if (found.offset < this.#due[0].offset) this.#tooMuch(found)
      else {
        while (this.#due.length > 0 && this.#due[0].offset < found.offset) this.#lose(this.#due.shift()!)
        // What it is an outcome of may not have been told yet.
        if (this.#due.length === 0) return
        this.#compare(this.#due.shift()!, found)
      }
      this.#found.shift()
    }
  }

  #compare(due: Outcome, found: Outcome): void {
    this.#counts.events++
    if (due.text === found.text) return
    this.#counts.wrong++
    this.#say(`${due.kind} must be "${due.text}": got "${found.text}"`)
  }

  #lose(outcome: Outcome): void {
    this.#counts.losses++
    this.#skipped.set(outcome.offset, outcome)
    this.#say(`${outcome.kind} must come: "${outcome.text}"`)
  }

  #tooMuch(found: Outcome): void {
    const skipped = this.#skipped.get(found.offset)
    if (skipped === undefined) {
      this.#counts.duplicates++
      this.#say(`${found.kind} must come once: got another "${found.text}"`)
      return
    }
    this.#skipped.delete(found.offset)
    this.#counts.losses--
    this.#counts.orderBreaks++
    this.#say(`${found.kind} must come before those of later events: "${found.text}"`)
    this.#compare(skipped, found)
  }

  #say(finding: string): void {
    if (this.#findings.length < saidMost) this.#findings.push(finding)
  }
}
