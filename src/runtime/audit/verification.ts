/**
 * Whether the audit is what its writers wrote. A record that was changed does not have its hash any more; with a new one it is
 * not what the next of its chain names, or what others had read; one that was removed leaves a gap in its chain, or in what
 * others had read; one that was moved stands where somebody had read another.
 *
 * Nothing in the topic can tell that its end was cut off before anybody read it: the newest records of each writer that no
 * later record names. Nor that somebody who may write to the topic has added records, or has replaced all from some
 * record on, the hashes included. Whoever keeps the newest record's offset and hash elsewhere (`head`) finds both.
 */
import { areEqual, type DecodedAudit, decodeAudit } from './audit-codec.ts'
import type { AuditRecord, SeenRecord } from './audit-record.ts'

export interface Finding {
  /** Where in the topic the record is, or was; null: nobody knows. */
  readonly offset: number | null
  readonly problem: string
}

export interface VerificationReport {
  readonly records: number
  readonly writers: number
  /** The first offset that the topic still has: what came before has been deleted, by its retention. */
  readonly start: number
  /** What is wrong, in the topic's order; of what several records bear witness to, what the first of them says. */
  readonly findings: readonly Finding[]
  /** Findings beyond those that are kept. */
  readonly more: number
  /** The newest record: to be kept elsewhere. Null: there is none. */
  readonly head: SeenRecord | null
}

const mostFindings = 1000

export class Verification {
  private readonly start: number
  private readonly hashes = new Map<number, Uint8Array>()
  private readonly chains = new Map<string, SeenRecord & { readonly sequence: number }>()
  private readonly findings = new Map<string, Finding>()
  private records = 0
  private more = 0
  private last = -1

  /** `start`: the first offset that the topic still has. */
  constructor(start: number) {
    this.start = start
  }

  /** The next record of the topic, without the header of the wire format; null: it has no value. */
  add(offset: number, bytes: Uint8Array | null): void {
    const decoded = bytes === null ? null : decodeAudit(bytes)
    this.last = offset
    if (decoded === null) this.find(offset, 'is no record of the audit')
    else this.check(offset, decoded)
  }

  /** After the last record; `head`: one that somebody has kept the offset and the hash of. */
  report(head: SeenRecord | null = null): VerificationReport {
    const { records, chains, findings, more, start, hashes } = this
    if (head !== null) this.checkHead(head)
    const hash = hashes.get(this.last)
    return {
      records,
      writers: chains.size,
      start,
      findings: [...findings.values()].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0)),
      more,
      head: hash === undefined ? null : { offset: this.last, hash },
    }
  }

  private check(offset: number, { record, hash, isWhole }: DecodedAudit): void {
    const { writer, sequence, seen } = record
    this.records += 1
    this.hashes.set(offset, hash)
    if (!isWhole) this.find(offset, 'is not what its hash was taken of: it was changed')
    const before = this.chains.get(writer)
    // Written a second time because nobody had heard that the first time was enough.
    if (before !== undefined && areEqual(before.hash, hash)) return
    this.checkChain(offset, record)
    for (const each of seen) this.checkNamed(offset, each, 'had read')
    this.chains.set(writer, { offset, hash, sequence })
  }

  private checkChain(offset: number, { writer, sequence, previousOffset, previousHash }: AuditRecord): void {
    const before = this.chains.get(writer)
    if (previousOffset >= 0) this.checkNamed(offset, { offset: previousOffset, hash: previousHash }, 'follows')
    if (before === undefined) {
      // Whoever did not know where the record before it lies may stand first in what is left.
      const isDeleted = this.start > 0 && previousOffset < this.start
      if (sequence > 0 && !isDeleted) this.findGone(previousOffset, `record ${sequence - 1} of ${writer} is gone`)
      else if (sequence === 0 && previousHash.some((byte) => byte !== 0))
        this.find(offset, 'is not the first of its chain')
    } else if (sequence > before.sequence + 1) {
      this.findGone(previousOffset, `record ${sequence - 1} of ${writer} is gone`)
    } else if (sequence <= before.sequence) {
      this.find(offset, `is record ${sequence} of ${writer} and stands behind record ${before.sequence}: it was moved`)
    } else if (!areEqual(previousHash, before.hash)) {
      this.find(before.offset, `is not the record that the next of ${writer} follows: it was changed`)
    }
  }

  /** What the record at `by` names must be where it says, unless the topic has deleted it since. */
  private checkNamed(by: number, { offset, hash }: SeenRecord, how: string): void {
    const there = this.hashes.get(offset)
    if (offset >= by) this.find(by, `names a record behind it, at offset ${offset}: it was moved`)
    else if (offset < this.start) return
    else if (there === undefined)
      this.find(offset, `is gone, or no record of the audit: the one at offset ${by} ${how} it`)
    else if (!areEqual(there, hash))
      this.find(offset, `is not the record that the one at offset ${by} ${how}: it was changed`)
  }

  private checkHead({ offset, hash }: SeenRecord): void {
    const there = this.hashes.get(offset)
    if (offset < this.start) return
    if (there === undefined) this.find(offset, 'is gone: it is the record that was kept')
    else if (!areEqual(there, hash)) this.find(offset, 'is not the record that was kept: it was changed')
  }

  /** The first thing that is found of a record is enough. */
  private find(offset: number, problem: string): void {
    this.keep(String(offset), { offset, problem: `the record at offset ${offset} ${problem}` })
  }

  private findGone(offset: number, problem: string): void {
    this.keep(offset < 0 ? problem : String(offset), { offset: offset < 0 ? null : offset, problem })
  }

  private keep(key: string, finding: Finding): void {
    if (this.findings.has(key)) return
    if (this.findings.size < mostFindings) this.findings.set(key, finding)
    else this.more += 1
  }
}
