/** The audit of one process: what it was configured with, what it was ordered, and whom it refused. */

import { codeOf } from '../errors.ts'
import type { Clock, EventLog, Log } from '../ports.ts'
import { type AuditEntry, entryOf } from './audit-record.ts'
import { AuditWriter } from './audit-writer.ts'
import { factsOf } from './promotions.ts'

export interface AuditOptions {
  readonly log: EventLog
  readonly topic: string
  /** Registers the schema, or says its id once it is known. */
  readonly schemaId: () => Promise<number>
  readonly clock: Clock
  readonly said: Log
  /** A new name each time, which nobody else has: for one life of a process, or what is left of it after a failure. */
  readonly nextWriter: () => string
}

/** A command as somebody has given it. */
export interface GivenCommand {
  readonly kind: string
  readonly by: string
  readonly reason: string
  /** The version that it was given to. */
  readonly version: number
  readonly facts?: Readonly<Record<string, string | number>>
}

export interface RefusedAccess {
  /** Name of the token; null: nobody knows. */
  readonly client: string | null
  readonly address: string
  readonly method: string
  readonly route: string
  /** The role that it needs. */
  readonly needed: string
}

/** So many refusals a minute are told one by one; the rest are counted. */
const mostRefusalsAMinute = 20
const minuteMs = 60_000

export class Audit {
  private readonly options: AuditOptions
  private readonly over = new AbortController()
  private writer: AuditWriter | null = null
  /** What writes, one after the other: a chain has one end. */
  private writing: Promise<unknown> = Promise.resolve()
  private minuteBegan = Number.NEGATIVE_INFINITY
  private inMinute = 0
  private untold = 0

  constructor(options: AuditOptions) {
    this.options = options
  }

  /** Resolves once it is kept; whoever gives a command waits for that first. */
  command({ kind, by, reason, version, facts = {} }: GivenCommand): Promise<void> {
    return this.write(
      entryOf({ kind: 'command', what: kind, by, reason, outcome: 'given', version, facts: factsOf(facts) }),
    )
  }

  /** Resolves once it is kept. */
  write(entry: AuditEntry): Promise<void> {
    const turn = this.writing.then(() => this.writeNow(entry))
    this.writing = turn.catch(() => undefined)
    return turn
  }

  /** Never throws, and holds nobody up. */
  refused({ client, address, method, route, needed }: RefusedAccess): void {
    const now = this.options.clock.now()
    if (now - this.minuteBegan >= minuteMs) {
      this.minuteBegan = now
      this.inMinute = 0
    }
    this.inMinute += 1
    if (this.inMinute > mostRefusalsAMinute) {
      if (this.untold++ === 0) void this.tellUntold(this.minuteBegan + minuteMs - now)
      return
    }
    const facts = factsOf({ address, needed })
    this.tellRefused(
      entryOf({ kind: 'access', what: `${method} ${route}`, by: client ?? 'unknown', outcome: 'refused', facts }),
    )
  }

  /** Tells what is still to be told. */
  async close(): Promise<void> {
    this.over.abort()
    this.flushUntold()
    await this.writing
  }

  private async tellUntold(waitMs: number): Promise<void> {
    await this.options.clock.sleep(waitMs, this.over.signal)
    this.flushUntold()
  }

  private flushUntold(): void {
    if (this.untold === 0) return
    const facts = factsOf({ refusals: this.untold })
    this.untold = 0
    this.tellRefused(
      entryOf({ kind: 'access', what: 'more of the same minute', by: 'unknown', outcome: 'refused', facts }),
    )
  }

  private tellRefused(entry: AuditEntry): void {
    this.write(entry).catch((error: unknown) => {
      this.options.said.error('a refused access could not be written to the audit', {
        code: codeOf(error),
        what: entry.what,
      })
    })
  }

  private async writeNow(entry: AuditEntry): Promise<void> {
    const { log, topic, schemaId, clock, said, nextWriter } = this.options
    this.writer ??= new AuditWriter({ log, topic, schemaId: await schemaId(), said, writer: nextWriter() })
    const { writer } = this
    await writer.readOthers(new AbortController().signal)
    try {
      await log.publish((outputs) => writer.append(outputs, [entry], clock.date()))
    } catch (error) {
      // Whether it was kept nobody knows: what comes next must not be a second one of the same number.
      this.writer = null
      throw error
    }
  }
}
