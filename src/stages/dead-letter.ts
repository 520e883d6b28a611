/** An event that cannot be scored: its own bytes, and why, in the headers that Kafka Connect uses. */
import { invalidReasons, reasonMeaning } from '../core/fields/invalid.ts'
import { type Header, keyAt, type Outputs, type RecordBatch, valueAt } from './records.ts'

/** Header names, so that readers and writers agree. */
export const deadLetterHeaders = {
  topic: '__connect.errors.topic',
  partition: '__connect.errors.partition',
  offset: '__connect.errors.offset',
  connector: '__connect.errors.connector.name',
  stage: '__connect.errors.stage',
  reason: '__connect.errors.exception.class.name',
  message: '__connect.errors.exception.message',
  /** Not of Kafka Connect: what of the event the dead letter had no room for, and how large it was. */
  omitted: '__shoal.omitted',
} as const

/** Where dead letters come from, and how many bytes of key, value and headers one may have. */
export interface DeadLetterSource {
  readonly topic: string
  readonly name: string
  readonly maxBytes: number
}

/**
 * Appends the dead letter of record `index`: key, value, timestamp and headers are its own, plus where and why. What is
 * too large for the topic (an input may be compressed, so that its records are larger than their batches) is left out,
 * the value first, and said to be: whoever needs it finds it in the input, for as long as that is retained.
 */
export function appendDeadLetter(
  outputs: Outputs,
  topic: string,
  source: DeadLetterSource,
  batch: RecordBatch,
  index: number,
  reasonCode: number,
): void {
  const added = headersOf(source, batch, index, reasonCode)
  const least = batch.headerCount(index) * headerOverheadBytes
  const headers = least > source.maxBytes ? [] : batch.headers(index)
  const own = { key: keyAt(batch, index), value: valueAt(batch, index), headers }
  const sizes = {
    value: own.value?.length ?? 0,
    headers: Math.max(least, headerBytes(headers)),
    key: own.key?.length ?? 0,
  }
  let left = source.maxBytes - headerBytes(added) - sizes.value - sizes.headers - sizes.key
  const omitted: string[] = []
  for (const part of ['value', 'headers', 'key'] as const) {
    if (left >= 0) break
    left += sizes[part]
    omitted.push(`${part} (${sizes[part]} bytes)`)
  }
  outputs.append({
    topic,
    partition: batch.partition,
    key: omitted.length > 2 ? null : own.key,
    value: omitted.length > 0 ? null : own.value,
    timestamp: batch.timestamp[index],
    headers: [
      ...(omitted.length > 1 ? [] : own.headers),
      ...added,
      ...(omitted.length > 0 ? [text(deadLetterHeaders.omitted, omitted.join(', '))] : []),
    ],
  })
}

function headersOf(
  source: DeadLetterSource,
  { partition, offset }: RecordBatch,
  index: number,
  reasonCode: number,
): readonly Header[] {
  const reason = invalidReasons[reasonCode]
  return [
    text(deadLetterHeaders.topic, source.topic),
    text(deadLetterHeaders.partition, String(partition)),
    text(deadLetterHeaders.offset, String(offset[index])),
    text(deadLetterHeaders.connector, source.name),
    text(deadLetterHeaders.stage, 'VALUE_CONVERTER'),
    text(deadLetterHeaders.reason, reason),
    text(deadLetterHeaders.message, reason === 'valid' ? '' : reasonMeaning[reason]),
  ]
}

function text(name: string, value: string): Header {
  return { name, value: Buffer.from(value) }
}

/** At most: a length takes up to five bytes. */
const headerOverheadBytes = 10

function headerBytes(headers: readonly Header[]): number {
  const bytesOf = ({ name, value }: Header) => Buffer.byteLength(name) + (value?.length ?? 0) + headerOverheadBytes
  return headers.reduce((sum, header) => sum + bytesOf(header), 0)
}
