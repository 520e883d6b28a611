/** Reads everything that the world has committed, as soon as it has, and holds it against the input. */
import type { MemoryCluster } from '../../../src/adapters/memory/cluster.ts'
import type { TopicNames } from '../../../src/runtime/topics.ts'
import type { Trace } from '../trace.ts'
import { CommittedReader, type CommittedRecord } from './committed.ts'
import { type OutcomeOptions, Outcomes } from './outcomes.ts'
import { Versions } from './versions.ts'

export interface OracleOptions extends Omit<OutcomeOptions, 'versions' | 'topic'> {
  readonly cluster: MemoryCluster
  readonly topics: TopicNames
  readonly trace: Trace
}

type Reading = readonly [topic: string, take: (partition: number, record: CommittedRecord) => void]

export class Oracle {
  readonly versions: Versions
  readonly outcomes: Outcomes
  readonly #options: OracleOptions
  /** In this order: what is taken later names what is taken before. */
  readonly #readings: readonly Reading[]
  readonly #readers = new Map<string, CommittedReader[]>()

  constructor(options: OracleOptions) {
    const { fingerprint, topics } = options
    this.#options = options
    const versions = new Versions(fingerprint)
    const outcomes = new Outcomes({ ...options, topic: topics.input, versions })
    this.versions = versions
    this.outcomes = outcomes
    this.#readings = [
      [topics.modelUpdates, (_, record) => versions.update(record)],
      [topics.models, (_, record) => versions.model(record)],
      [topics.assignments, (partition, record) => outcomes.assignment(partition, record)],
      [topics.deadLetters, (partition, record) => outcomes.deadLetter(partition, record)],
      [topics.anomalies, (partition, record) => outcomes.anomaly(partition, record)],
      ...(topics.profiles === null ? [] : [[topics.profiles, outcomes.profile] as const]),
    ]
  }

  /** Takes what was committed since the last time; throws the violation that it finds. */
  look(): void {
    for (const [topic, take] of this.#readings) {
      const readers = this.#readersOf(topic)
      for (let partition = 0; partition < readers.length; partition++) {
        if (!readers[partition].isBehind) continue
        for (const record of readers[partition].read()) {
          if (record.value !== null) this.#options.trace.add(record.value)
          take(partition, record)
        }
      }
    }
  }

  /** What nobody needs the log to keep any longer: all that has been read. */
  retain(): void {
    for (const [topic] of this.#readings) {
      const { models, modelUpdates, profiles } = this.#options.topics
      if ([models, modelUpdates, profiles].includes(topic)) continue
      for (const { log, next } of this.#readersOf(topic)) log.deleteBefore(next)
    }
  }

  /** Where a transaction is still open, or its end not known yet; null: nowhere. */
  undecided(): string | null {
    for (const [topic] of this.#readings) {
      for (const { log } of this.#readersOf(topic)) {
        if (log.stableEnd < log.end) return `${topic}/${log.partition} is decided to ${log.stableEnd} of ${log.end}`
      }
    }
    return null
  }

  #readersOf(topic: string): readonly CommittedReader[] {
    const readers = this.#readers.get(topic) ?? []
    const logs = this.#options.cluster.topic(topic)?.partitions ?? []
    while (readers.length < logs.length) readers.push(new CommittedReader(logs[readers.length]))
    if (logs.length > 0) this.#readers.set(topic, readers)
    return readers
  }
}
