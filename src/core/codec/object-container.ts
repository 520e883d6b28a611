/**
 * One record in an Avro object container file, with its schema beside it, so that any tool that knows Avro can read it
 * (Apache Avro 1.12 specification, "Object Container Files"). The record's own bytes are the file's, bit for bit.
 */
import { AvroReader } from './avro-reader.ts'
import { AvroWriter } from './avro-writer.ts'

const magic = Uint8Array.of(0x4f, 0x62, 0x6a, 1)
const syncBytes = 16
const schemaKey = 'avro.schema'
const codecKey = 'avro.codec'

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() }

export interface Contained {
  /** Texts by key; keys that begin with `avro.` are Avro's own. */
  readonly metadata: ReadonlyMap<string, string>
  readonly record: Uint8Array
}

/** @param sync 16 bytes that stand behind the record: they must not be like anything in it by chance. */
export function writeContainer(
  schema: string,
  metadata: ReadonlyMap<string, string>,
  record: Uint8Array,
  sync: Uint8Array,
): Uint8Array {
  const writer = new AvroWriter(record.length + schema.length + 1024)
  const all = new Map([[schemaKey, schema], [codecKey, 'null'], ...metadata])
  writer.fixed(magic)
  writer.long(all.size)
  for (const [key, text] of all) {
    writer.string(key)
    writer.bytes(utf8.encoder.encode(text))
  }
  writer.long(0)
  writer.fixed(sync.subarray(0, syncBytes))
  writer.long(1)
  writer.long(record.length)
  writer.fixed(record)
  writer.fixed(sync.subarray(0, syncBytes))
  return writer.written().slice()
}

/** Reads a file of one record, whoever wrote it; or says what is wrong with it. */
export function readContainer(bytes: Uint8Array): Contained | { readonly problem: string } {
  const reader = new AvroReader(bytes)
  if (!same(reader.fixed(magic.length), magic)) return { problem: 'it must be an Avro object container file' }
  const pairs = reader.array(2, (from) => [from.string(), utf8.decoder.decode(from.bytes())] as const)
  const metadata = new Map(pairs)
  const sync = reader.fixed(syncBytes)
  if (reader.failed) return { problem: 'its header must be whole' }
  const codec = metadata.get(codecKey) ?? 'null'
  if (codec !== 'null') return { problem: `its codec must be null: it is ${codec}` }
  const count = reader.long()
  const record = reader.bytes()
  const isWhole = same(reader.fixed(syncBytes), sync) && reader.complete
  return count === 1 && isWhole ? { metadata, record } : { problem: 'it must hold one record, and that whole' }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
