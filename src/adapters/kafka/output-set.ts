/** The outputs of one transaction: a growing record batch for every partition that is written to. */
import type { OutputRecord, Outputs, RecordSink } from '../../stages/records.ts'
import type { Compression } from './compression.ts'
import { type FinishedBatch, PartitionOutput } from './record-batch-writer.ts'
import type { PartitionsByTopic } from './transaction-requests.ts'

/** The largest batch a topic takes, in bytes. */
export type BatchLimit = (topic: string) => number

/** Batches of different partitions that can go into one round of Produce requests. */
export interface OutputRound {
  readonly batches: readonly { readonly output: PartitionOutput; readonly batch: FinishedBatch }[]
}

export class OutputSet implements Outputs {
  readonly #limit: BatchLimit
  readonly #transactional: boolean
  readonly #byTopic = new Map<string, Map<number, PartitionOutput>>()

  constructor(limit: BatchLimit, transactional: boolean) {
    this.#limit = limit
    this.#transactional = transactional
  }

  sink(topic: string, partition: number): RecordSink {
    return this.#output(topic, partition)
  }

  append(record: OutputRecord): void {
    this.#output(record.topic, record.partition).append(record)
  }

  get bytes(): number {
    let bytes = 0
    for (const output of this.#written()) bytes += output.length
    return bytes
  }

  /** Partitions with something in them, by topic. */
  partitions(): PartitionsByTopic {
    const partitions = new Map<string, number[]>()
    for (const output of this.#written()) {
      const known = partitions.get(output.topic)
      if (known === undefined) partitions.set(output.topic, [output.partition])
      else known.push(output.partition)
    }
    return partitions
  }

  /** Finishes every batch, and compresses them off the main thread. */
  async finish(compression: Compression): Promise<void> {
    if (compression === 'none') return
    const batches = [...this.#written()].flatMap((output) => output.finish())
    await Promise.all(batches.map((batch) => batch.compress(compression)))
  }

  /**
   * A broker takes exactly one batch per partition and request, so a partition's second batch goes in a second
   * round, and so on.
   */
  rounds(): readonly OutputRound[] {
    const rounds: { output: PartitionOutput; batch: FinishedBatch }[][] = []
    for (const output of this.#written()) {
      for (const [number, batch] of output.finish().entries()) {
        rounds[number] ??= []
        rounds[number].push({ output, batch })
      }
    }
    return rounds.map((batches) => ({ batches }))
  }

  /** Ready for the next transaction. */
  reset(keepMemory: boolean): void {
    for (const output of this.#all()) {
      output.reset(keepMemory)
      output.limit = this.#limit(output.topic)
    }
  }

  #output(topic: string, partition: number): PartitionOutput {
    let partitions = this.#byTopic.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.#byTopic.set(topic, partitions)
    }
    let output = partitions.get(partition)
    if (output === undefined) {
      output = new PartitionOutput(topic, partition, this.#limit(topic), this.#transactional)
      partitions.set(partition, output)
    }
    return output
  }

  *#written(): Generator<PartitionOutput> {
    for (const output of this.#all()) if (output.length > 0) yield output
  }

  *#all(): Generator<PartitionOutput> {
    for (const partitions of this.#byTopic.values()) yield* partitions.values()
  }
}
