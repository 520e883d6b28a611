/**
 * Reads what is committed while faults are injected, by Kafka's own client, and judges it against the input's truth:
 * every event's outcome once and in order, every version the fold of the updates. It keeps only what is undecided.
 */
import avsc from 'avsc'
import type { Configuration } from '../../src/runtime/configuration/configuration.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import type { Counts } from '../../tools/fault-ledger.ts'
import { type ReadRecord, schemaText } from '../pipeline/harness.ts'
import { type CommittedStream, streamCommitted } from '../stack/independent-reader.ts'
import { type Outcome, type OutcomeKind, outcomeDue, outcomeFound } from '../stack/outcomes.ts'
import { Fifo } from './fifo.ts'
import { ModelCheck } from './model-check.ts'
import { noCounts, OutcomeCheck } from './outcome-check.ts'

/** What the producer knows of an event. */
export interface Truth {
  readonly id: string
  /** Why it is invalid; empty for a valid event. */
  readonly reason: string
}

interface PartitionState {
  readonly checks: Readonly<Record<OutcomeKind, OutcomeCheck>>
  readonly sources: Fifo<ReadRecord>
  readonly truths: Fifo<Truth>
  knownUpTo: number
  /** Of the newest event that has its outcome, in the producer's time. */
  freshestMs: number
  lastAnomaly: number
}

/** Where an anomaly came from: as the assignment, it begins with the event's id, partition and offset. */
const anomalyType = avsc.Type.forSchema(JSON.parse(schemaText('anomaly')))

export class Verifier {
  readonly counts: Counts = noCounts()
  /** The first things that were wrong, in words. */
  readonly findings: string[] = []
  readonly model: ModelCheck
  readonly #partitions: PartitionState[] = []
  #stream: CommittedStream | null = null
  #failure: unknown = null

  constructor(fingerprint: string) {
    this.model = new ModelCheck(fingerprint)
  }

  /** `kafka`: an address that no fault stands before. */
  async start(kafka: string, { input, topics }: Configuration): Promise<void> {
    const readers = new Map<string, (record: ReadRecord) => void>([
      [input.topic, (record) => this.#source(record)],
      [topics.assignments, (record) => this.#outcome(outcomeFound('assignment', record), record)],
      [topics.deadLetters, (record) => this.#outcome(outcomeFound('dead letter', record), record)],
      [topics.anomalies, (record) => this.#anomaly(record)],
      [topics.modelUpdates, (record) => this.model.update(record)],
      [topics.models, (record) => this.model.published(record)],
    ])
    this.#stream = await streamCommitted(kafka, [...readers.keys()], (topic, record) => readers.get(topic)!(record))
    this.#stream.done.catch((error: unknown) => {
      this.#failure = error
    })
  }

  /** Called in the order in which the events of a partition lie there. */
  expect(partition: number, truth: Truth): void {
    const state = this.#at(partition)
    state.truths.push(truth)
    this.#join(state)
  }

  /** Events whose outcome is not there yet. */
  get outstanding(): number {
    if (this.#failure !== null) throw this.#failure
    const of = ({ checks, sources, truths }: PartitionState): number =>
      checks.assignment.outstanding + checks['dead letter'].outstanding + Math.max(sources.length, truths.length)
    return this.#partitions.reduce((sum, state) => sum + of(state), 0)
  }

  /** Partitions of the input that something is known of. */
  get partitions(): number {
    return this.#partitions.length
  }

  /** Behind the last event of the partition that is known with its truth. */
  knownUpTo(partition: number): number {
    return this.#at(partition).knownUpTo
  }

  /** Retention has deleted the events before `end`: those without an outcome need none. Gives their number. */
  waive(partition: number, end: number): number {
    const { checks } = this.#at(partition)
    return checks.assignment.waive(end) + checks['dead letter'].waive(end)
  }

  /** Whether an event that was written later than this has its outcome, in every partition. */
  flowsSince(sinceMs: number): boolean {
    if (this.#failure !== null) throw this.#failure
    return this.#partitions.length > 0 && this.#partitions.every(({ freshestMs }) => freshestMs > sinceMs)
  }

  /** Partitions without an outcome of an event that was written later than this. */
  stoppedSince(sinceMs: number): readonly number[] {
    return this.#partitions.flatMap(({ freshestMs }, partition) => (freshestMs > sinceMs ? [] : [partition]))
  }

  async close(): Promise<void> {
    await this.#stream?.close()
    for (const { checks } of this.#partitions) {
      checks.assignment.close()
      checks['dead letter'].close()
    }
  }

  #at(partition: number): PartitionState {
    while (this.#partitions.length <= partition) {
      const check = () => new OutcomeCheck(this.counts, this.findings)
      const checks = { assignment: check(), 'dead letter': check() }
      this.#partitions.push({
        checks,
        sources: new Fifo<ReadRecord>(),
        truths: new Fifo<Truth>(),
        knownUpTo: 0,
        freshestMs: 0,
        lastAnomaly: -1,
      })
    }
    return this.#partitions[partition]
  }

  #source(record: ReadRecord): void {
    const state = this.#at(record.partition)
    state.sources.push(record)
    this.#join(state)
  }

  #join(state: PartitionState): void {
    const { sources, truths, checks } = state
    while (sources.length > 0 && truths.length > 0) {
      const { id, reason } = truths.shift()!
      const due = outcomeDue(sources.shift()!, id, reason)
      state.knownUpTo = due.offset + 1
      checks[due.kind].due(due)
    }
  }

  #outcome(outcome: Outcome, { timestamp }: ReadRecord): void {
    const state = this.#at(outcome.partition)
    state.freshestMs = Math.max(state.freshestMs, timestamp)
    state.checks[outcome.kind].found(outcome)
  }

  #anomaly({ value }: ReadRecord): void {
    const { partition, offset } = anomalyType.fromBuffer(value!.subarray(wireHeaderBytes)) as {
      partition: number
      offset: number
    }
    const state = this.#at(partition)
    if (offset <= state.lastAnomaly) {
      this.counts.duplicates++
      this.findings.push(`anomalies of partition ${partition} must come once: ${offset} after ${state.lastAnomaly}`)
    }
    state.lastAnomaly = offset
  }
}
