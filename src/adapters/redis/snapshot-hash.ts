/** A snapshot as a Redis hash: plain fields that people and other services can read, and a digest over all of them. */
import { createHash } from 'node:crypto'
import { ShoalError } from '../../runtime/errors.ts'
import type { Snapshot } from '../../runtime/ports.ts'

/** The fields, in the order in which `decodeHash` wants them. */
export const hashFields = [
  'name',
  'version',
  'bornAtMs',
  'fingerprint',
  'offset',
  'publishedAtMs',
  'digest',
  'bytes',
] as const

/** Values in the order of `hashFields`. */
export function encodeHash(snapshot: Snapshot): (string | Buffer)[] {
  const facts = factsOf(snapshot)
  const bytes = Buffer.from(snapshot.bytes.buffer, snapshot.bytes.byteOffset, snapshot.bytes.byteLength)
  return [...facts, digestOf(facts, bytes), bytes]
}

/**
 * Null when no field is there; `snapshot.damaged` when some are not, or do not match the digest, `snapshot.foreign`
 * when it is another model's.
 */
export function decodeHash(name: string, key: string, values: readonly (Buffer | null)[]): Snapshot | null {
  if (values.every((value) => value === null)) return null
  const [digest, bytes] = values.slice(-2)
  const facts = values.slice(0, -2).map((value) => value?.toString() ?? '')
  if (!bytes || digest?.toString() !== digestOf(facts, bytes)) {
    throw new ShoalError('snapshot.damaged', `a snapshot must match its digest: ${key} does not`)
  }
  const [whose, version, bornAtMs, fingerprint, offset, publishedAtMs] = facts
  if (whose !== name) {
    throw new ShoalError('snapshot.foreign', `a snapshot must be of the model of its key: ${key} holds one of ${whose}`)
  }
  return {
    name,
    version: Number(version),
    bornAtMs: Number(bornAtMs),
    fingerprint,
    offset: Number(offset),
    publishedAtMs: Number(publishedAtMs),
    bytes,
  }
}

/** The digest that a hash of this snapshot has. */
export function snapshotDigest(snapshot: Snapshot): string {
  return digestOf(factsOf(snapshot), snapshot.bytes)
}

function factsOf({ name, version, bornAtMs, fingerprint, offset, publishedAtMs }: Snapshot): string[] {
  return [name, version, bornAtMs, fingerprint, offset, publishedAtMs].map(String)
}

/** SHA-1, because it is what a Redis script can compute too; it guards against damage, not against malice. */
function digestOf(facts: readonly string[], bytes: Uint8Array): string {
  return createHash('sha1')
    .update(`${facts.join('\n')}\n`)
    .update(bytes)
    .digest('hex')
}
