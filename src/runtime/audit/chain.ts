/** One writer's chain: each record names the one before it by its hash, and what its writer had read of all others. */
import { areEqual, encodeAudit } from './audit-codec.ts'
import { type AuditEntry, hashBytes, type SeenRecord } from './audit-record.ts'

export class Chain {
  readonly writer: string
  private sequence = 0
  private previousHash: Uint8Array = new Uint8Array(hashBytes)
  private previousOffset = -1

  /** `writer`: nobody else's name, ever. */
  constructor(writer: string) {
    this.writer = writer
  }

  /** Notes records that have been read: the last one of this chain among them has a place from now on. */
  noteRead(records: readonly SeenRecord[]): void {
    const own = this.sequence === 0 ? undefined : records.find(({ hash }) => areEqual(hash, this.previousHash))
    if (own !== undefined) this.previousOffset = own.offset
  }

  /** The entry as the next record of the chain, whose writer has read `seen`. It must be written before any other is made. */
  next(entry: AuditEntry, seen: readonly SeenRecord[], atMs: number): Uint8Array {
    const { writer, sequence, previousOffset, previousHash } = this
    const { bytes, hash } = encodeAudit({ ...entry, writer, sequence, previousOffset, previousHash, seen, atMs })
    this.sequence += 1
    this.previousHash = hash
    this.previousOffset = -1
    return bytes
  }
}
