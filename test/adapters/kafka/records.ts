/** Record batches as the tests make and compare them. */
import { parseBatches } from '../../../src/adapters/kafka/record-batch-reader.ts'
import { PartitionOutput } from '../../../src/adapters/kafka/record-batch-writer.ts'
import { ColumnBatch } from '../../../src/adapters/kafka/record-columns.ts'
import type { Header } from '../../../src/stages/records.ts'

export interface PlainRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

export const nobody = { producerId: -1n, epoch: -1 }

/** Records of one partition, parsed and taken out of their columns. */
export function parsed(bytes: Buffer, fetchOffset = 0, aborted: Parameters<typeof parseBatches>[0]['aborted'] = []) {
  const {
    columns,
    bytes: memory,
    view,
    nextOffset,
  } = parseBatches({ bytes, start: 0, end: bytes.length, fetchOffset, aborted })
  const batch = new ColumnBatch(0, memory, view, columns, 0, columns.count, fetchOffset, nextOffset, null)
  const part = (start: number, length: number) =>
    length < 0 ? null : Buffer.from(memory.subarray(start, start + length))
  const records = Array.from(
    { length: batch.count },
    (_, i): PlainRecord => ({
      offset: batch.offset[i],
      timestamp: batch.timestamp[i],
      key: part(batch.keyStart[i], batch.keyLength[i]),
      value: part(batch.valueStart[i], batch.valueLength[i]),
      headers: batch.headers(i).map(({ name, value }) => ({ name, value: value === null ? null : Buffer.from(value) })),
    }),
  )
  return { records, nextOffset }
}

export interface BatchOptions {
  readonly base?: number
  readonly producerId?: bigint
  readonly transactional?: boolean
  readonly limit?: number
}

/** One batch, as our writer makes it, at an offset as a broker gives it. */
export function batchOf(records: readonly Partial<PlainRecord>[], options: BatchOptions = {}): Buffer {
  const output = new PartitionOutput('topic', 0, options.limit ?? 1_000_000, options.transactional ?? false)
  for (const { key = null, value = null, timestamp = 0, headers = [] } of records) {
    output.append({ topic: 'topic', partition: 0, key, value, timestamp, headers })
  }
  const [batch] = output.finish()
  batch.stamp({ producerId: options.producerId ?? -1n, epoch: 0 }, 0)
  batch.bytes.writeBigInt64BE(BigInt(options.base ?? 0))
  return Buffer.from(batch.bytes)
}
