/** Whether the outcomes of one input partition are those that are due, each once and in order; judged as they come. */
import type { Counts } from '../../tools/fault-ledger.ts'
import type { Outcome } from '../stack/outcomes.ts'
import { Fifo } from './fifo.ts'

export const noCounts = (): Counts => ({ events: 0, duplicates: 0, losses: 0, orderBreaks: 0, wrong: 0 })

const saidMost = 5

/** Outcomes of one kind: those of one partition are in the order of its events. What is judged is forgotten. */
export class OutcomeCheck {
  readonly #counts: Counts
  /** The first findings in words, over all partitions. */
  readonly #findings: string[]
  readonly #due = new Fifo<Outcome>()
  readonly #found = new Fifo<Outcome>()
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
    let waived = 0
    while (isBefore(this.#due.first, end)) {
      this.#due.shift()
      waived++
    }
    return waived
  }

  /** Nothing more will come: what is still due is lost, what nobody waited for is too much. */
  close(): void {
    for (let due = this.#due.shift(); due !== undefined; due = this.#due.shift()) this.#lose(due)
    for (let found = this.#found.shift(); found !== undefined; found = this.#found.shift()) this.#tooMuch(found)
  }

  #judge(): void {
    for (let found = this.#found.first; found !== undefined; found = this.#found.first) {
      if (this.#due.first === undefined) return
      if (found.offset < this.#due.first.offset) this.#tooMuch(found)
      else {
        while (isBefore(this.#due.first, found.offset)) this.#lose(this.#due.shift()!)
        const due = this.#due.shift()
        // What it is an outcome of may not have been told yet.
        if (due === undefined) return
        this.#compare(due, found)
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

const isBefore = (outcome: Outcome | undefined, end: number): boolean => outcome !== undefined && outcome.offset < end
