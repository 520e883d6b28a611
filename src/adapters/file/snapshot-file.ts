/**
 * A snapshot as one file: what it is and its bytes under one checksum, so that a torn or flipped file is told
 * from a whole one.
 *
 *     "SHOALSN" | format (1 byte) | SHA-256 of the rest (32) | length of the facts (u32 LE) | facts (JSON) | bytes
 */
import { createHash } from 'node:crypto'
import { ShoalError } from '../../runtime/errors.ts'
import type { Snapshot } from '../../runtime/ports.ts'

const magic = Buffer.from('SHOALSN')
const format = 1
const digestStart = magic.length + 1
const factsLengthStart = digestStart + 32
const factsStart = factsLengthStart + 4

type Facts = Omit<Snapshot, 'bytes' | 'summary'>

export function encodeSnapshot(snapshot: Snapshot): Buffer {
  const { name, version, bornAtMs, fingerprint, offset, publishedAtMs, bytes } = snapshot
  const facts = Buffer.from(JSON.stringify({ name, version, bornAtMs, fingerprint, offset, publishedAtMs }))
  const file = Buffer.alloc(factsStart + facts.length + bytes.length)
  magic.copy(file)
  file[magic.length] = format
  file.writeUInt32LE(facts.length, factsLengthStart)
  facts.copy(file, factsStart)
  file.set(bytes, factsStart + facts.length)
  digestOf(file).copy(file, digestStart)
  return file
}

/** `snapshot.damaged` when the file is not whole, `snapshot.newer_format` when it is of a format after this one. */
export function decodeSnapshot(file: Buffer, path: string): Snapshot {
  if (file.length < factsStart || !file.subarray(0, magic.length).equals(magic)) {
    throw new ShoalError('snapshot.damaged', `a snapshot file must start with ${magic}: ${path} does not`)
  }
  if (file[magic.length] > format) {
    throw new ShoalError(
      'snapshot.newer_format',
      `a snapshot file must be of format ${format} or older: ${path} is of format ${file[magic.length]}`,
    )
  }
  // There was never a format before the first.
  if (file[magic.length] < 1) {
    throw new ShoalError('snapshot.damaged', `a snapshot file must be of format 1 or newer: ${path} is of none`)
  }
  if (!digestOf(file).equals(file.subarray(digestStart, factsLengthStart))) {
    throw new ShoalError('snapshot.damaged', `a snapshot file must match its checksum: ${path} does not`)
  }
  const bytesStart = factsStart + file.readUInt32LE(factsLengthStart)
  const facts: Facts = JSON.parse(file.toString('utf8', factsStart, bytesStart))
  return { ...facts, bytes: file.subarray(bytesStart) }
}

function digestOf(file: Buffer): Buffer {
  return createHash('sha256').update(file.subarray(factsLengthStart)).digest()
}
