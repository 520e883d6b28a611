/** Records of the topic `primary`, encoded as schemas/primary.avsc has it: promotions, and partitions that were handed over. */
import { AvroReader } from '../../core/codec/avro-reader.ts'
import { AvroWriter } from '../../core/codec/avro-writer.ts'
import type { Outputs } from '../../stages/records.ts'
import { framed } from '../../stages/wire-format.ts'

/** Which deployment writes the outputs of every partition as soon as they are handed over to it. */
export interface Promotion {
  readonly deployment: string
  readonly by: string
  readonly reason: string
  readonly atMs: number
}

/** From `fromOffset` on the outputs of the partition are the deployment's. */
export interface HandOver extends Promotion {
  readonly partition: number
  readonly fromOffset: number
  /** Whose they were. */
  readonly previous: string
}

export interface PrimaryTopic {
  readonly topic: string
  readonly schemaId: number
}

const promotionKey = 'promotion'

export function appendPromotion(outputs: Outputs, { topic, schemaId }: PrimaryTopic, promotion: Promotion): void {
  const value = framed(schemaId, encoded({ ...promotion, partition: null, fromOffset: 0, previous: '' }))
  outputs.append({ topic, partition: 0, key: Buffer.from(promotionKey), value, timestamp: promotion.atMs })
}

export function appendHandOver(outputs: Outputs, { topic, schemaId }: PrimaryTopic, handOver: HandOver): void {
  const key = Buffer.from(String(handOver.partition))
  outputs.append({
    topic,
    partition: 0,
    key,
    value: framed(schemaId, encoded(handOver)),
    timestamp: Math.floor(handOver.atMs),
  })
}

type Encoded = Omit<HandOver, 'partition'> & { readonly partition: number | null }

function encoded({ deployment, partition, fromOffset, previous, by, reason, atMs }: Encoded): Uint8Array {
  const writer = new AvroWriter(256)
  writer.string(deployment)
  writer.orNull(partition, (to, value) => to.int(value))
  writer.long(fromOffset)
  for (const text of [previous, by, reason]) writer.string(text)
  writer.long(Math.floor(atMs))
  return writer.written().slice()
}

/** A value without its wire header; null: it is no such record. */
export function decodePrimary(bytes: Uint8Array): Promotion | HandOver | null {
  const reader = new AvroReader(bytes)
  const deployment = reader.string()
  const partition = reader.union(2) === 0 ? null : reader.int()
  const fromOffset = reader.long()
  const [previous, by, reason] = [reader.string(), reader.string(), reader.string()]
  const atMs = reader.long()
  const isSound = !reader.failed && deployment !== '' && fromOffset >= 0 && (partition === null || partition >= 0)
  if (!isSound) return null
  const promotion = { deployment, by, reason, atMs }
  return partition === null ? promotion : { ...promotion, partition, fromOffset, previous }
}

export function isHandOver(record: Promotion | HandOver): record is HandOver {
  return 'partition' in record
}
