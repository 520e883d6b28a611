/** Histories of an audit that several writers wrote, each reading what was there when it wrote, or a while before. */
import fc from 'fast-check'
import { decodeAudit, statedHash } from '../../../src/runtime/audit/audit-codec.ts'
import {
  type AuditEntry,
  type AuditRecord,
  auditKinds,
  auditOutcomes,
  entryOf,
  mostSeen,
} from '../../../src/runtime/audit/audit-record.ts'
import { Chain } from '../../../src/runtime/audit/chain.ts'

export interface Written {
  readonly offset: number
  readonly bytes: Uint8Array
}

const text = fc.oneof(fc.constantFrom('', 'freeze', 'Zoë, naïve', '\n\t\u0000'), fc.string({ maxLength: 20 }))

export const anyEntry = fc
  .record({
    kind: fc.constantFrom(...auditKinds),
    what: text,
    by: text,
    reason: text,
    outcome: fc.constantFrom(...auditOutcomes),
    version: fc.nat(1e9),
    facts: fc.array(fc.record({ name: text, value: text }), { maxLength: 3 }),
    differs: fc.array(text, { maxLength: 3 }),
  })
  .map(entryOf)

const step = fc.record({
  writer: fc.nat(4),
  /** Records that were written meanwhile by others, and not read yet. */
  unread: fc.constantFrom(0, 0, 0, 1, 2, 30),
  /** Marks of transactions before it. */
  gap: fc.constantFrom(0, 0, 1, 5),
  /** Whether the writer is one that has never written before. */
  isNew: fc.constantFrom(false, false, true),
  /** Whether it could not read the topic then. */
  isBlind: fc.constantFrom(false, false, false, true),
  entry: anyEntry,
})

interface Step {
  readonly writer: number
  readonly unread: number
  readonly gap: number
  readonly isNew: boolean
  readonly isBlind: boolean
  readonly entry: AuditEntry
}

export function historyOf(steps: readonly Step[]): Written[] {
  const chains = new Map<number, Chain>()
  const written: Written[] = []
  let [offset, lives] = [0, 0]
  const readTo = new Map<number, number>()
  for (const { writer, unread, gap, isNew, isBlind, entry } of steps) {
    if (isNew || !chains.has(writer)) chains.set(writer, new Chain(`life ${lives++}`))
    const chain = chains.get(writer)!
    // Nobody forgets what he has read, and everybody reads at least his own.
    const own = written.findLastIndex(({ bytes }) => decodeAudit(bytes)?.record.writer === chain.writer)
    const upTo = Math.max(written.length - unread, own + 1, isNew ? 0 : (readTo.get(writer) ?? 0))
    readTo.set(writer, upTo)
    const read = written.slice(0, upTo).map((one) => ({ offset: one.offset, hash: statedHash(one.bytes)! }))
    if (!isBlind) chain.noteRead(read)
    offset += gap
    written.push({ offset: offset++, bytes: chain.next(entry, isBlind ? [] : read.slice(-mostSeen), 1000 * offset) })
  }
  return written
}

export const anyHistory = fc.array(step, { minLength: 1, maxLength: 40 }).map(historyOf)

export function recordOf({ bytes }: Written): AuditRecord {
  const decoded = decodeAudit(bytes)
  if (decoded === null) throw new Error('it must be a record of the audit')
  return decoded.record
}
