/** Which published versions a rollback may lead to, and where their bytes are. */
import { decodeModel } from '../core/codec/model-codec.ts'
import { isUndone } from '../core/command/control.ts'
import type { Model } from '../core/model/model.ts'
import { wireHeaderBytes } from '../stages/wire-format.ts'
import { valueAtOffset } from './batches.ts'
import type { EventLog } from './ports.ts'

/** Versions are kept in memory so many windows apart, and a few of them: the newest that is healthy, and what may become so. */
const everyWindows = 8
const mostKept = 4
/** Versions of the log that are looked at. */
const mostTried = 8

/** A version as it was published, without the header of the wire format. */
export interface RollbackTarget {
  readonly version: number
  readonly bytes: Uint8Array
}

export class RollbackTargets {
  private readonly log: EventLog
  private readonly topic: string
  private kept: (RollbackTarget & { readonly window: number })[] = []
  /** Offsets of what was published before this process trained, by version. */
  private readonly offsets = new Map<number, number>()

  constructor(log: EventLog, topic: string) {
    this.log = log
    this.topic = topic
  }

  /** Notes what this process has published. */
  published({ version, drift, control }: Model, bytes: Uint8Array): void {
    const last = this.kept.at(-1)
    const isCalm = drift.open === null && drift.waited === 0
    if (isCalm && (last === undefined || drift.closed >= last.window + everyWindows)) {
      this.kept.push({ version, bytes, window: drift.closed })
    }
    // Of those that are healthy by now the newest is enough; what came before a drift was found never becomes so.
    const isHealthy = (of: RollbackTarget) => of.version <= control.healthyVersion
    const healthy = this.kept.filter(isHealthy).slice(-1)
    const hopeful = drift.open === null ? this.kept.filter((of) => !isHealthy(of)) : []
    this.kept = [...healthy, ...hopeful.slice(0, mostKept - 1)]
  }

  /** Notes what the topic held before. */
  found(version: number, offset: number): void {
    this.offsets.set(version, offset)
  }

  forget(version: number): void {
    this.offsets.delete(version)
  }

  /** The newest version up to `version` in which no drift was open, and which no rollback has led away from; or null. */
  async upTo(version: number, model: Model, signal: AbortSignal): Promise<RollbackTarget | null> {
    const fits = (of: number) => of <= version && of < model.version && !isUndone(model.control, of)
    const kept = this.kept.findLast((of) => fits(of.version))
    const earlier = [...this.offsets.keys()].filter((of) => fits(of) && of > (kept?.version ?? 0))
    for (const of of earlier.sort((a, b) => b - a).slice(0, mostTried)) {
      const bytes = await this.read(this.offsets.get(of)!, signal)
      const decoded = bytes === null ? null : decodeModel(bytes, model.fingerprint)
      if (bytes === null || decoded === null || 'refused' in decoded) continue
      const { value } = decoded
      if (value.version === of && value.bornAtMs === model.bornAtMs && value.drift.open === null)
        return { version: of, bytes }
    }
    return kept ?? null
  }

  private async read(offset: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const at = { topic: this.topic, partition: 0 }
    const { start, end } = await this.log.bounds(at)
    if (offset < start || offset >= end) return null
    const value = await valueAtOffset(this.log, at, offset, signal)
    return value === null ? null : Uint8Array.from(value.subarray(wireHeaderBytes))
  }
}
