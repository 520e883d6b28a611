/** A snapshot as a Redis hash: plain fields that people and other services can read, and a digest over all of them. */
import { createHash } from 'node:crypto'
import { ShoalError } from '../../runtime/errors.ts'
import type { Snapshot } from '../../runtime/ports.ts'

/** The fields, in the order in which `decodeHash` wants them. */
export const hashFields = ['version', 'bornAtMs', 'fingerprint', 'offset', 'publishedAtMs', 'digest', 'bytes'] as const

/** Values in the order of `hashFields`. */
export function encodeHash(snapshot: Snapshot): (string | Buffer)[] {
  const { version, bornAtMs, fingerprint, offset, publishedAtMs } = snapshot
  const facts = [version, bornAtMs, fingerprint, offset, publishedAtMs].map(String)
  const bytes = Buffer.from(snapshot.bytes.buffer, snapshot.bytes.byteOffset, snapshot.bytes.byteLength)
  return [...facts, digestOf(facts, bytes), bytes]
}

/** Null when no field is there; `snapshot.damaged` when some are not, or do not match the digest. */
export function decodeHash(name: string, key: string, values: readonly (Buffer | null)[]): Snapshot | null {
  if (values.every((value) => value === null)) return null
  const [version, bornAtMs, fingerprint, offset, publishedAtMs, digest, bytes] = values
  const facts = [version, bornAtMs, fingerprint, offset, publishedAtMs].map((value) => value?.toString() ?? '')
  if (!bytes || digest?.toString() !== digestOf(facts, bytes)) {
    throw new ShoalError('snapshot.damaged', `a snapshot must match its digest: ${key} does not`)
  }
  return {
    name,
    version: Number(facts[0]),
    bornAtMs: Number(facts[1]),
    fingerprint: facts[2],
    offset: Number(facts[3]),
    publishedAtMs: Number(facts[4]),
    bytes,
  }
}

/** SHA-1, because it is what a Redis script can compute too; it guards against damage, not against malice. */
function digestOf(facts: readonly string[], bytes: Buffer): string {
  return createHash('sha1')
    .update(`${facts.join('\n')}\n`)
    .update(bytes)
    .digest('hex')
}
