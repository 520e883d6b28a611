/**
 * A record of the audit as bytes: the Avro encoding of schemas/audit.avsc. Its hash covers all bytes before it, so a reader
 * of an older release can verify what a newer one has written, as long as that adds fields behind these.
 */
import { createHash } from 'node:crypto'
import { AvroReader } from '../../core/codec/avro-reader.ts'
import { AvroWriter } from '../../core/codec/avro-writer.ts'
import {
  type AuditRecord,
  auditKinds,
  auditOutcomes,
  type Fact,
  hashBytes,
  mostListed,
  mostName,
  mostText,
  type SeenRecord,
} from './audit-record.ts'

const auditFormat = 1

/** A record, whether its bytes are those that its hash was taken of, and that hash. */
export interface DecodedAudit {
  readonly record: AuditRecord
  readonly hash: Uint8Array
  readonly isWhole: boolean
}

export function encodeAudit(record: AuditRecord): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
  const writer = new AvroWriter(512)
  writer.int(auditFormat)
  writer.string(cut(record.writer, mostName))
  writer.long(record.sequence)
  writer.long(record.previousOffset)
  writer.fixed(record.previousHash)
  writer.array(record.seen, writeSeen)
  writer.long(record.atMs)
  for (const name of ['kind', 'what', 'by', 'reason', 'outcome'] as const) writer.string(cut(record[name]))
  writer.long(record.version)
  writer.array(record.facts.slice(0, mostListed), writeFact)
  writer.array(record.differs.slice(0, mostListed), (to, key) => to.string(cut(key, mostName)))
  const hash = hashOf(writer.written())
  writer.fixed(hash)
  return { bytes: writer.written().slice(), hash }
}

/** Null: the bytes are no record of the audit. */
export function decodeAudit(bytes: Uint8Array): DecodedAudit | null {
  const body = bytes.subarray(0, Math.max(0, bytes.length - hashBytes))
  const reader = new AvroReader(body)
  if (reader.int() < auditFormat) reader.fail()
  const writer = reader.string()
  const [sequence, previousOffset] = [reader.long(), reader.long()]
  const previousHash = Uint8Array.from(reader.fixed(hashBytes))
  const seen = reader.array(1 + hashBytes, readSeen)
  const atMs = reader.long()
  const [kind, what, by] = [reader.string(), reader.string(), reader.string()]
  const [reason, outcome] = [reader.string(), reader.string()]
  const version = reader.long()
  const facts = reader.array(2, readFact)
  const differs = reader.array(1, (from) => from.string())
  const knownKind = auditKinds.find((known) => known === kind)
  const knownOutcome = auditOutcomes.find((known) => known === outcome)
  if (reader.failed || knownKind === undefined || knownOutcome === undefined) return null
  const hash = Uint8Array.from(bytes.subarray(bytes.length - hashBytes))
  return {
    record: {
      ...{ writer, sequence, previousOffset, previousHash, seen, atMs },
      ...{ kind: knownKind, what, by, reason, outcome: knownOutcome, version, facts, differs },
    },
    hash,
    isWhole: areEqual(hash, hashOf(body)),
  }
}

/** The hash that a record says it has, for whoever only refers to it; null: the bytes are too few for one. */
export function statedHash(bytes: Uint8Array): Uint8Array | null {
  return bytes.length < hashBytes ? null : Uint8Array.from(bytes.subarray(bytes.length - hashBytes))
}

export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function hashOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(bytes).digest())
}

/** A lone surrogate becomes U+FFFD in UTF-8: what is cut in the middle of a character ends in one. */
function cut(text: string, most = mostText): string {
  return text.slice(0, most)
}

function writeSeen(writer: AvroWriter, { offset, hash }: SeenRecord): void {
  writer.long(offset)
  writer.fixed(hash)
}

function readSeen(reader: AvroReader): SeenRecord {
  return { offset: reader.long(), hash: Uint8Array.from(reader.fixed(hashBytes)) }
}

function writeFact(writer: AvroWriter, { name, value }: Fact): void {
  writer.string(cut(name, mostName))
  writer.string(cut(value))
}

function readFact(reader: AvroReader): Fact {
  return { name: reader.string(), value: reader.string() }
}
