/** One writer of the audit: its chain, and what it has read of the others'. */
import type { Outputs } from '../../stages/records.ts'
import { framed } from '../../stages/wire-format.ts'
import { codeOf } from '../errors.ts'
import type { EventLog, Log } from '../ports.ts'
import type { AuditEntry } from './audit-record.ts'
import { AuditTail } from './audit-tail.ts'
import { Chain } from './chain.ts'

export interface AuditPlace {
  readonly topic: string
  readonly schemaId: number
}

export interface AuditWriterOptions extends AuditPlace {
  readonly log: EventLog
  readonly said: Log
  /** Whose chain: nobody else's name, ever. */
  readonly writer: string
}

export class AuditWriter {
  private readonly options: AuditWriterOptions
  private readonly chain: Chain
  private readonly tail: AuditTail

  constructor(options: AuditWriterOptions) {
    this.options = options
    this.chain = new Chain(options.writer)
    this.tail = new AuditTail(options.log, options.topic)
  }

  /** Reads what others have written, to be named by what is written next. What cannot be read stops nobody from writing. */
  async readOthers(signal: AbortSignal): Promise<void> {
    try {
      this.chain.noteRead(await this.tail.read(signal))
    } catch (error) {
      this.options.said.warn('the audit could not be read: what is written next names less of it', {
        code: codeOf(error),
      })
    }
  }

  /** Appends the entries as the next of the chain. When what holds them is not committed, this writer must write no more. */
  append(outputs: Outputs, entries: readonly AuditEntry[], atMs: number): void {
    const { topic, schemaId } = this.options
    for (const entry of entries) {
      const value = framed(schemaId, this.chain.next(entry, this.tail.seen, Math.floor(atMs)))
      outputs.append({ topic, partition: 0, key: null, value, timestamp: atMs })
    }
  }
}
