import { ShoalError } from '../../runtime/errors.ts'
import type { Clock, Log, TopicPartition, TopicSpec } from '../../runtime/ports.ts'
import { MemoryClient } from './client.ts'
import { Group } from './group.ts'
import type { OutputColumns } from './outputs.ts'
import { refuseUnfit } from './outputs.ts'
import { PartitionLog } from './partition-log.ts'
import type { RecordColumns } from './record-columns.ts'
import { LogTransaction, type Tell } from './transaction.ts'
import type { Wire } from './wire.ts'

export interface MemoryOptions {
  readonly clock: Clock
  readonly log?: Log
  /** How long a member may be silent, or keep a share that has ended, before it is thrown out. */
  readonly sessionTimeoutMs?: number
  readonly transactionTimeoutMs?: number
  /** Bytes kept of each partition of a topic with cleanup 'delete'. */
  readonly retainBytes?: number
  /**
   * How the partitions hear of a transaction's end: at once when unset. Kafka tells them one by one, after the end is
   * acknowledged and the positions have moved.
   */
  readonly tell?: Tell
}

export interface Topic {
  readonly cleanup: 'delete' | 'compact'
  readonly maxMessageBytes: number
  readonly partitions: PartitionLog[]
}

/** The world that clients share: topics, groups, open transactions. It lives and dies with the process. */
export class MemoryCluster {
  readonly clock: Clock
  readonly log: Log | undefined
  readonly sessionTimeoutMs: number
  readonly transactionTimeoutMs: number
  readonly #retainBytes: number
  readonly #tell: Tell
  readonly #topics = new Map<string, Topic>()
  readonly #groups = new Map<string, Group>()

  constructor(options: MemoryOptions) {
    this.clock = options.clock
    this.log = options.log
    this.sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000
    this.transactionTimeoutMs = options.transactionTimeoutMs ?? 10_000
    this.#retainBytes = options.retainBytes ?? 64 * 1024 * 1024
    this.#tell = options.tell ?? ((deliver) => deliver())
  }

  /**
   * A client, as a process would have one. Without a wire of your own a request takes one turn of the event loop, as
   * one that crosses a network does at least: a busy worker starves nobody.
   */
  client(wire: Wire = this.#nextTurn): MemoryClient {
    return new MemoryClient(this, wire)
  }

  /** A transaction of somebody who is no member of any group. */
  begin(): LogTransaction {
    return new LogTransaction(this.clock, this.transactionTimeoutMs, this.log, this.#tell)
  }

  topic(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  create(spec: TopicSpec): void {
    const { topic: name, cleanup } = spec
    this.#topics.set(name, { cleanup, maxMessageBytes: spec.maxMessageBytes ?? 1_048_588, partitions: [] })
    this.grow(name, spec.partitions ?? 1)
  }

  /** More partitions for a topic, up to so many; its groups share them out. */
  grow(name: string, partitions: number): void {
    const topic = this.existing(name)
    const options = { cleanup: topic.cleanup, retainBytes: this.#retainBytes }
    if (topic.partitions.length >= partitions) return
    for (let i = topic.partitions.length; i < partitions; i++) topic.partitions.push(new PartitionLog(name, i, options))
    for (const [key, group] of this.#groups) if (JSON.parse(key)[1] === name) group.grown()
  }

  /** `topics.missing` for what does not exist. */
  partition(at: TopicPartition): PartitionLog {
    const topic = this.existing(at.topic)
    const partition = topic.partitions[at.partition]
    if (partition !== undefined) return partition
    throw new ShoalError(
      'topics.missing',
      `a partition of topic ${at.topic} must be below ${topic.partitions.length}: got ${at.partition}`,
    )
  }

  existing(name: string): Topic {
    const topic = this.#topics.get(name)
    if (topic === undefined) throw new ShoalError('topics.missing', `topic ${name} must exist`)
    return topic
  }

  /** Members that ask for different topics under one name are strangers to each other. */
  group(name: string, topic: string): Group {
    const key = JSON.stringify([name, topic])
    let group = this.#groups.get(key)
    if (group === undefined) {
      const partitions = () => this.existing(topic).partitions.length
      group = new Group(name, partitions, this.clock, this.sessionTimeoutMs, this.log)
      this.#groups.set(key, group)
    }
    return group
  }

  /** Hands every partition's records to `write`, having checked all of them first. */
  accept(outputs: OutputColumns, write: (partition: PartitionLog, records: RecordColumns) => void): void {
    for (const output of outputs.partitions()) refuseUnfit(output, this.existing(output.topic))
    const targets = [...outputs.partitions()].map((output) => ({ log: this.partition(output), output }))
    for (const { log, output } of targets) write(log, output.records)
  }

  readonly #nextTurn: Wire = async (_, deliver) => {
    await this.clock.yield()
    return deliver()
  }
}
