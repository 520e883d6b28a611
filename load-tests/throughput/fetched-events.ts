/** Events of the job as a broker answers a fetch with them, and as the score stage gets them. */
import { PartitionBuffer } from '../../src/adapters/kafka/partition-buffer.ts'
import { parseBatches } from '../../src/adapters/kafka/record-batch-reader.ts'
import { PartitionOutput } from '../../src/adapters/kafka/record-batch-writer.ts'
import type { RecordBatch } from '../../src/stages/records.ts'
import { framed } from '../../src/stages/wire-format.ts'
import { type JobSize, jobEvents, usualJob } from './job.ts'

const topic = 'transactions'
const batchLimit = 1_000_000

/** So many of one partition, as a producer would have sent them. */
export function fetchOf(count: number, schemaId: number, size: JobSize = usualJob): Buffer {
  const output = new PartitionOutput(topic, 0, batchLimit, false)
  const events = jobEvents(1, size)
  for (let i = 0; i < count; i++) {
    const { key, value, timestampMs } = events.next().value
    output.append({ topic, partition: 0, key, value: framed(schemaId, value), timestamp: timestampMs })
  }
  let offset = 0n
  return Buffer.concat(
    output.finish().map((batch) => {
      batch.stamp({ producerId: -1n, epoch: -1 }, -1)
      // Of the header's first eight bytes, which the sum leaves out.
      batch.bytes.writeBigInt64BE(offset, 0)
      offset += BigInt(batch.count)
      return batch.bytes
    }),
  )
}

export function parsed(fetched: Buffer): readonly RecordBatch[] {
  const records = parseBatches({ bytes: fetched, start: 0, end: fetched.length, fetchOffset: 0, aborted: [] })
  const buffer = new PartitionBuffer(0, 0, fetched.length)
  buffer.put(records, fetched.length)
  return buffer.take(Number.MAX_SAFE_INTEGER, fetched.length, fetched.length)
}
