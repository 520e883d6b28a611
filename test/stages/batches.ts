/** Batches for the stages, and what they write, on the records of the embedded log. */
import { readFileSync } from 'node:fs'
import avsc from 'avsc'
import type { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { RecordColumns } from '../../src/adapters/memory/record-columns.ts'
import { type Header, keyAt, type RecordBatch, valueAt } from '../../src/stages/records.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'

export interface TestRecord {
  readonly key?: string | null
  readonly value: Uint8Array | string | null
  readonly timestamp?: number
  readonly headers?: readonly Header[]
}

/** The records at consecutive offsets from `firstOffset`, as one batch. */
export function batchOf(records: readonly TestRecord[], partition = 0, firstOffset = 0): RecordBatch {
  const columns = new RecordColumns()
  records.forEach(({ key = null, value, timestamp = 0, headers }, i) => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    columns.append(key === null ? null : Buffer.from(key), bytes, timestamp, headers)
    columns.offset[i] = firstOffset + i
  })
  return columns.slice(partition, 0, records.length, firstOffset, firstOffset + records.length)
}

/** Records [from, to) of a batch as a batch of its own. */
export function part(batch: RecordBatch, from: number, to: number): RecordBatch {
  return {
    ...batch,
    count: to - from,
    fromOffset: from === 0 ? batch.fromOffset : batch.offset[from],
    nextOffset: to < batch.count ? batch.offset[to] : batch.nextOffset,
    keyStart: batch.keyStart.subarray(from, to),
    keyLength: batch.keyLength.subarray(from, to),
    valueStart: batch.valueStart.subarray(from, to),
    valueLength: batch.valueLength.subarray(from, to),
    offset: batch.offset.subarray(from, to),
    timestamp: batch.timestamp.subarray(from, to),
    headers: (index) => batch.headers(from + index),
    headerCount: (index) => batch.headerCount(from + index),
    release: () => batch.release(),
  }
}

export interface Written {
  readonly topic: string
  readonly partition: number
  readonly key: string | null
  readonly value: Buffer | null
  readonly timestamp: number
  readonly headers: readonly (readonly [string, string])[]
}

/** Everything that was written, topic by topic in the order of writing. */
export function written(outputs: OutputColumns): Written[] {
  return [...outputs.partitions()].flatMap(({ topic, partition, records }) => {
    const batch = records.slice(partition, 0, records.count, 0, records.count)
    return Array.from({ length: batch.count }, (_, i) => {
      const value = valueAt(batch, i)
      return {
        topic,
        partition,
        key: keyAt(batch, i)?.toString() ?? null,
        value: value === null ? null : Buffer.from(value),
        timestamp: batch.timestamp[i],
        headers: batch.headers(i).map((header) => [header.name, Buffer.from(header.value ?? []).toString()] as const),
      }
    })
  })
}

export function schemaText(name: string): string {
  return readFileSync(new URL(`../../schemas/${name}.avsc`, import.meta.url), 'utf8')
}

/** Reads what follows the header of the registry by the schema, and refuses what is not exactly one value. */
export function avroReader<T>(name: string): (value: Buffer | null) => T {
  const type = avsc.Type.forSchema(JSON.parse(schemaText(name)))
  return (value) => {
    if (value === null) throw new Error(`a value of ${name} is not null`)
    return type.fromBuffer(value.subarray(wireHeaderBytes)) as T
  }
}
