/** Generated events as Avro in the registry's wire format, sound ones and broken ones. */
import { AvroWriter } from '../core/codec/avro-writer.ts'
import type { Flaw } from './flaws.ts'
import type { GeneratedEvent } from './stream.ts'
import type { Transaction } from './transaction.ts'

/** Ids that the registry gave. */
export interface WireIds {
  /** Of schemas/transaction.avsc. */
  readonly transaction: number
  /** Of `mistakenSchemas`. */
  readonly missingField: number
  readonly wrongType: number
}

const record = (amount: readonly object[]) =>
  JSON.stringify({
    type: 'record',
    name: 'Transaction',
    namespace: 'shoal.mistaken',
    fields: [{ name: 'id', type: 'string' }, ...amount, { name: 'occurredAt', type: 'long' }],
  })

/** Schemas of producers who got the contract wrong; each is to be registered under a subject of its own. */
export const mistakenSchemas = {
  missingField: record([]),
  wrongType: record([{ name: 'amount', type: 'string' }]),
} as const

/** No registry gives ids in order up to here. */
const unknownId = 2_147_483_647
const maxKnownTexts = 100_000
const notUtf8 = Uint8Array.of(0x74, 0x78, 0xc3, 0x28)

/**
 * Encodes events one after another: the bytes are a view that the next call overwrites; null is a tombstone. Sound
 * events have the fields of schemas/transaction.avsc in their order, which a test holds against avsc.
 */
export function createAvroEncoder(ids: WireIds): (event: GeneratedEvent) => Uint8Array | null {
  const writer = new AvroWriter(512)
  const text = textWriter(writer)
  const soundFrame = frame(0, ids.transaction)
  return ({ transaction, flaw }) => {
    writer.reset()
    if (flaw !== null) return encodeFlawed(writer, text, transaction, flaw, ids)
    writer.fixed(soundFrame)
    writeTransaction(writer, text, transaction)
    return writer.written()
  }
}

/** The registry's wire format: a magic byte, 0, and the schema id, high byte first. */
function frame(magic: number, id: number): Uint8Array {
  return Uint8Array.of(magic, id >>> 24, id >>> 16, id >>> 8, id)
}

function writeTransaction(writer: AvroWriter, text: (value: string) => void, transaction: Transaction): void {
  writer.string(transaction.id)
  writeAfterId(writer, text, transaction, transaction.amount)
}

function writeAfterId(writer: AvroWriter, text: (value: string) => void, of: Transaction, amount: number): void {
  text(of.customer)
  text(of.merchant)
  text(of.merchantCategory)
  writer.double(amount)
  text(of.currency)
  text(of.country)
  text(of.channel)
  writer.long(of.occurredAt)
  writeOptional(writer, of.latitude)
  writeOptional(writer, of.longitude)
  writeOptional(writer, of.deviceRisk)
}

function writeOptional(writer: AvroWriter, value: number | null): void {
  writer.union(value === null ? 0 : 1)
  if (value !== null) writer.double(value)
}

/** Writes texts that come again and again, each encoded once. */
function textWriter(writer: AvroWriter): (value: string) => void {
  const encoder = new TextEncoder()
  const known = new Map<string, Uint8Array>()
  return (value) => {
    let bytes = known.get(value)
    if (bytes === undefined) {
      bytes = encoder.encode(value)
      if (known.size < maxKnownTexts) known.set(value, bytes)
    }
    writer.bytes(bytes)
  }
}

function encodeFlawed(
  writer: AvroWriter,
  text: (value: string) => void,
  transaction: Transaction,
  flaw: Flaw,
  ids: WireIds,
): Uint8Array | null {
  const idOf: { readonly [F in Flaw]?: number } = {
    missing_field: ids.missingField,
    wrong_type: ids.wrongType,
    unknown_schema: unknownId,
  }
  writer.fixed(frame(flaw === 'not_wire_format' ? 1 : 0, idOf[flaw] ?? ids.transaction))
  switch (flaw) {
    case 'tombstone':
      return null
    case 'empty_value':
      return new Uint8Array(0)
    case 'missing_field':
      writer.string(transaction.id)
      writer.long(transaction.occurredAt)
      break
    case 'wrong_type':
      writer.string(transaction.id)
      writer.string(String(transaction.amount))
      writer.long(transaction.occurredAt)
      break
    case 'not_finite':
      writer.string(transaction.id)
      writeAfterId(writer, text, transaction, Number.NaN)
      break
    case 'empty_id':
      writer.string('')
      writeAfterId(writer, text, transaction, transaction.amount)
      break
    case 'invalid_utf8':
      writer.bytes(notUtf8)
      writeAfterId(writer, text, transaction, transaction.amount)
      break
    case 'impossible_length':
      writer.long(200_000_000)
      break
    case 'trailing_bytes':
      writeTransaction(writer, text, transaction)
      writer.fixed(notUtf8)
      break
    case 'truncated':
      writeTransaction(writer, text, transaction)
      return writer.written().subarray(0, writer.length >> 1)
    case 'unknown_schema':
    case 'not_wire_format':
      writeTransaction(writer, text, transaction)
      break
    case 'too_deep':
      throw new RangeError('too_deep is a flaw of JSON only')
  }
  return writer.written()
}
