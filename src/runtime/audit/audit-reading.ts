/** Reading the audit: all of it, to be verified, or its newest records. */
import { valueAt } from '../../stages/records.ts'
import { wireHeaderBytes } from '../../stages/wire-format.ts'
import { batchesUpTo, countBefore } from '../batches.ts'
import { unlessAborted } from '../interruption.ts'
import type { EventLog } from '../ports.ts'
import type { OffsetsOfTopic } from '../version-records.ts'
import { decodeAudit } from './audit-codec.ts'
import type { AuditKind, AuditRecord, SeenRecord } from './audit-record.ts'
import { Verification, type VerificationReport } from './verification.ts'

export interface AskedAudit {
  readonly limit: number
  /** Only records of this time or later. */
  readonly sinceMs: number
  /** Only these kinds; []: all. */
  readonly kinds: readonly AuditKind[]
}

export type KeptAudit = AuditRecord & { readonly offset: number; readonly hash: Uint8Array }

const firstWindow = 256

/** The newest that are asked for, newest first; what is no record of the audit is left out, and `verifyAudit` tells it. */
export async function newestAudit(
  log: EventLog,
  topic: string,
  { limit, sinceMs, kinds }: AskedAudit,
  signal: AbortSignal,
): Promise<readonly KeptAudit[]> {
  const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
  if (bounds === null) return []
  const isAsked = (of: AuditRecord) => of.atMs >= sinceMs && (kinds.length === 0 || kinds.includes(of.kind))
  const newest: KeptAudit[] = []
  let window = firstWindow
  for (let to = bounds.end; to > bounds.start && newest.length < limit && !signal.aborted; window *= 4) {
    const from = Math.max(bounds.start, to - window)
    const found: KeptAudit[] = []
    for await (const { offset, bytes } of auditValues(log, { topic, from, to }, signal)) {
      const decoded = bytes === null ? null : decodeAudit(bytes)
      if (decoded !== null && isAsked(decoded.record)) found.push({ ...decoded.record, offset, hash: decoded.hash })
      if (found.length > limit) found.shift()
    }
    newest.push(...found.reverse())
    to = from
  }
  return newest.slice(0, limit)
}

/** Verifies all that the topic holds; null: the signal fired first. */
export async function verifyAudit(
  log: EventLog,
  topic: string,
  head: SeenRecord | null,
  signal: AbortSignal,
): Promise<VerificationReport | null> {
  const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
  if (bounds === null) return null
  const verification = new Verification(bounds.start)
  const range = { topic, from: bounds.start, to: bounds.end }
  for await (const { offset, bytes } of auditValues(log, range, signal)) verification.add(offset, bytes)
  return signal.aborted ? null : verification.report(head)
}

async function* auditValues(
  log: EventLog,
  { topic, from, to }: OffsetsOfTopic,
  signal: AbortSignal,
): AsyncGenerator<{ readonly offset: number; readonly bytes: Uint8Array | null }> {
  for await (const batch of batchesUpTo(log, topic, [{ partition: 0, from, to }], signal)) {
    const count = countBefore(batch, to)
    for (let i = 0; i < count; i++) {
      yield { offset: batch.offset[i], bytes: valueAt(batch, i)?.subarray(wireHeaderBytes) ?? null }
    }
  }
}
