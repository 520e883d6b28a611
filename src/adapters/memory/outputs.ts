import { ShoalError } from '../../runtime/errors.ts'
import type { OutputRecord, Outputs } from '../../stages/records.ts'
import { RecordColumns } from './record-columns.ts'

/** What was written to one partition and has not gone to the log yet. */
interface PartitionOutput {
  readonly topic: string
  readonly partition: number
  readonly records: RecordColumns
}

/** Records on their way to the log, by topic and partition. */
export class OutputColumns implements Outputs {
  readonly #topics = new Map<string, Map<number, RecordColumns>>()

  append(record: OutputRecord): void {
    this.sink(record.topic, record.partition).append(record.key, record.value, record.timestamp, record.headers)
  }

  sink(topic: string, partition: number): RecordColumns {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.#topics.set(topic, partitions)
    }
    let records = partitions.get(partition)
    if (records === undefined) {
      records = new RecordColumns()
      partitions.set(partition, records)
    }
    return records
  }

  get bytes(): number {
    let sum = 0
    for (const { records } of this.partitions()) sum += records.usedBytes
    return sum
  }

  /** Partitions with at least one record. */
  *partitions(): Iterable<PartitionOutput> {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, records] of partitions) if (records.count > 0) yield { topic, partition, records }
    }
  }
}

/** Refuses, before anything is written, what the real log would refuse. */
export function refuseUnfit(
  output: PartitionOutput,
  topic: { readonly cleanup: 'delete' | 'compact'; readonly maxMessageBytes: number },
): void {
  const { records } = output
  for (let i = 0; i < records.count; i++) {
    const size = records.endOf(i) - records.keyStart[i]
    if (size > topic.maxMessageBytes) {
      throw new ShoalError(
        'log.record_too_large',
        `a record of topic ${output.topic} must have at most ${topic.maxMessageBytes} bytes: got ${size}`,
      )
    }
    if (topic.cleanup === 'compact' && records.keyLength[i] < 0) {
      throw new ShoalError('log.refused', `a record of the compact topic ${output.topic} must have a key: got null`)
    }
  }
}
