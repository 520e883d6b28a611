/** The audit of one process: what it was configured with, what it was ordered, and whom it refused. */

import { randomUUID } from 'node:crypto'
import { codeOf, ShoalError } from '../errors.ts'
import type { Clock, EventLog, Telemetry } from '../ports.ts'
import { type AuditEntry, entryOf } from './audit-record.ts'
import { AuditWriter } from './audit-writer.ts'
import { factsOf } from './promotions.ts'

export interface AuditOptions {
  readonly log: EventLog
  readonly topic: string
  /** Registers the schema, or says its id once it is known. */
  readonly schemaId: () => Promise<number>
  readonly clock: Clock
  readonly telemetry: Pick<Telemetry, 'count' | 'log'>
  /** How people come to this process: `API`, `command line`. */
  readonly via: string
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
const closeMs = 1_000
/** Records that wait to be written. */
const mostWaiting = 200

export class Audit {
  private readonly options: AuditOptions
  private readonly over = new AbortController()
  private writer: AuditWriter | null = null
  /** What writes, one after the other: a chain has one end. */
  private writing: Promise<unknown> = Promise.resolve()
  private minuteBegan = Number.NEGATIVE_INFINITY
  private inMinute = 0
  private untold = 0
  private waiting = 0

  constructor(options: AuditOptions) {
    this.options = options
  }

  /** Resolves once it is kept; whoever gives a command waits for that first. */
  command({ kind, by, reason, version, facts = {} }: GivenCommand): Promise<void> {
    return this.write(
      entryOf({
        kind: 'command',
        what: kind,
        by,
        reason,
        outcome: 'given',
        version,
        facts: factsOf({ via: this.options.via, ...facts }),
      }),
    )
  }

  /** Resolves once it is kept. */
  async write(entry: AuditEntry): Promise<void> {
    try {
      await this.inTurn(entry)
    } catch (error) {
      this.options.telemetry.count('shoal_audit_failures_total', 1, { kind: entry.kind })
      throw error
    }
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

  /** Tells what is still to be told, if that is soon done. */
  async close(): Promise<void> {
    this.over.abort()
    this.flushUntold()
    const written = new AbortController()
    const late = this.options.clock.sleep(closeMs, written.signal)
    await Promise.race([this.writing, late])
    written.abort()
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

  private async inTurn(entry: AuditEntry): Promise<void> {
    if (this.waiting >= mostWaiting) {
      throw new ShoalError('log.unavailable', `at most ${mostWaiting} records may wait to be written to the audit`)
    }
    this.waiting += 1
    const turn = this.writing.then(() => this.writeNow(entry))
    this.writing = turn.catch(() => undefined)
    try {
      await turn
    } finally {
      this.waiting -= 1
    }
  }

  private tellRefused(entry: AuditEntry): void {
    this.write(entry).catch((error: unknown) => {
      this.options.telemetry.log.error('a refused access could not be written to the audit', {
        code: codeOf(error),
        what: entry.what,
      })
    })
  }

  private async writeNow(entry: AuditEntry): Promise<void> {
    const { log, clock } = this.options
    this.writer ??= await this.newWriter()
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

  private async newWriter(): Promise<AuditWriter> {
    const { log, topic, schemaId, telemetry, via } = this.options
    // Said at once, not after the time that a record may take.
    if ((await log.describe(topic)) === null) {
      throw new ShoalError('topics.missing', `topic ${topic} must exist: a process of this release creates it`)
    }
    return new AuditWriter({
      log,
      topic,
      schemaId: await schemaId(),
      said: telemetry.log,
      writer: `${via}-${randomUUID()}`,
    })
  }
}
