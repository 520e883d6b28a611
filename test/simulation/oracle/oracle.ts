/** Reads everything that the world has committed, as soon as it has, and holds it against the input. */
import type { MemoryCluster } from '../../../src/adapters/memory/cluster.ts'
import type { ServiceSettings } from '../../../src/runtime/service.ts'
import type { TopicNames } from '../../../src/runtime/topics.ts'
import type { Trace } from '../trace.ts'
import { CommittedReader, type CommittedRecord } from './committed.ts'
import { HandOvers } from './hand-overs.ts'
import { type OutcomeOptions, Outcomes } from './outcomes.ts'
import { Versions } from './versions.ts'

export interface OracleOptions extends Omit<OutcomeOptions, 'versionsOf' | 'onAssigned' | 'topic'> {
  readonly cluster: MemoryCluster
  /** The first is the primary until another is promoted. */
  readonly deployments: readonly Pick<ServiceSettings, 'name' | 'topics' | 'fingerprint'>[]
  readonly trace: Trace
}

type Reading = readonly [topic: string, take: (partition: number, record: CommittedRecord) => void]

export class Oracle {
  /** Of the first deployment. */
  readonly versions: Versions
  /** Of each. */
  readonly allVersions: readonly Versions[]
  readonly outcomes: Outcomes
  readonly handOvers: HandOvers
  readonly #options: OracleOptions
  /** In this order: what is taken later names what is taken before. */
  readonly #readings: readonly Reading[]
  readonly #readers = new Map<string, CommittedReader[]>()

  constructor(options: OracleOptions) {
    const { deployments } = options
    this.#options = options
    const fingerprints = new Map(deployments.map(({ name, fingerprint }) => [name, fingerprint]))
    const handOvers = new HandOvers({ ...options, fingerprints })
    const allVersions = deployments.map(({ fingerprint }) => new Versions(fingerprint))
    const [{ topics }] = deployments
    const outcomes = new Outcomes({
      ...options,
      topic: topics.input,
      versionsOf: (of) => allVersions[deployments.findIndex(({ fingerprint }) => fingerprint === of)] ?? null,
      onAssigned: (partition, offset, fingerprint) => handOvers.written(partition, offset, fingerprint),
    })
    this.versions = allVersions[0]
    this.allVersions = allVersions
    this.outcomes = outcomes
    this.handOvers = handOvers
    this.#readings = [
      ...deployments.flatMap(({ topics: own }, i): Reading[] => [
        [own.modelUpdates, (_, record) => allVersions[i].update(record)],
        [own.models, (_, record) => allVersions[i].model(record)],
      ]),
      [topics.assignments, (partition, record) => outcomes.assignment(partition, record)],
      [topics.deadLetters, (partition, record) => outcomes.deadLetter(partition, record)],
      [topics.anomalies, (partition, record) => outcomes.anomaly(partition, record)],
      [topics.primary, (_, record) => handOvers.record(record)],
      ...deployments.flatMap(({ name, topics: own }): Reading[] => [
        ...shadowReading(own.shadow, (partition, record) => handOvers.shadowed(name, partition, record)),
        ...(own.profiles === null
          ? []
          : [
              [
                own.profiles,
                (partition: number, record: CommittedRecord) => outcomes.profile(name, partition, record),
              ] as const,
            ]),
      ]),
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
      const kept = this.#options.deployments.flatMap(({ topics: { models, modelUpdates, profiles, primary } }) => {
        return [models, modelUpdates, profiles, primary]
      })
      if (kept.includes(topic)) continue
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

function shadowReading(topics: TopicNames['shadow'], take: Reading[1]): readonly Reading[] {
  return topics === null ? [] : [[topics.assignments, take]]
}
