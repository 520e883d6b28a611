/** An event that cannot be scored: its own bytes, and why, in the headers that Kafka Connect uses. */
import { invalidReasons, reasonMeaning } from '../core/invalid.ts'
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
} as const

/** Appends the dead letter of record `index`: key, value, timestamp and headers are its own, plus where and why. */
export function appendDeadLetter(
  outputs: Outputs,
  topic: string,
  source: { readonly topic: string; readonly name: string },
  batch: RecordBatch,
  index: number,
  reasonCode: number,
): void {
  const reason = invalidReasons[reasonCode]
  const text = (name: string, value: string): Header => ({ name, value: Buffer.from(value) })
  outputs.append({
    topic,
    partition: batch.partition,
    key: keyAt(batch, index),
    value: valueAt(batch, index),
    timestamp: batch.timestamp[index],
    headers: [
      ...batch.headers(index),
      text(deadLetterHeaders.topic, source.topic),
      text(deadLetterHeaders.partition, String(batch.partition)),
      text(deadLetterHeaders.offset, String(batch.offset[index])),
      text(deadLetterHeaders.connector, source.name),
      text(deadLetterHeaders.stage, 'VALUE_CONVERTER'),
      text(deadLetterHeaders.reason, reason),
      text(deadLetterHeaders.message, reason === 'valid' ? '' : reasonMeaning[reason]),
    ],
  })
}
