/** A sample of the events that this process has scored of late: what a picture of the stream is drawn from. */
import { idSlot } from '../../core/features/feature-plan.ts'
import { fieldText } from '../../core/fields/field-text.ts'
import type { ScoredChunk } from '../../stages/score.ts'
import type { Clock } from '../ports.ts'

export interface RecentEvent {
  readonly row: Float32Array
  readonly eventId: string
  /** Stable id of its cluster. */
  readonly cluster: number
  readonly version: number
  readonly rarity: number
  readonly isAnomalous: boolean
  readonly atMs: number
}

const mostEvents = 4000
/** So many a second and kind: a minute of them fills the sample, and none costs a backlog anything. */
const everySecond = 64

/** Keeps the newest of the usual and of the anomalous events, each with their own share of a second. */
export class RecentEvents {
  private readonly clock: Pick<Clock, 'now' | 'date'>
  private events: RecentEvent[] = []
  private next = 0
  private secondMs = Number.NEGATIVE_INFINITY
  private readonly left = { usual: 0, anomalous: 0 }

  constructor(clock: Pick<Clock, 'now' | 'date'>) {
    this.clock = clock
  }

  /** In no order. */
  all(): readonly RecentEvent[] {
    return this.events
  }

  /** Takes some of a chunk. */
  note(chunk: ScoredChunk): void {
    const { valid, scores, scorer } = chunk
    const { budget } = scorer.model.control
    const nowMs = this.clock.now()
    if (nowMs - this.secondMs >= 1000) {
      this.secondMs = nowMs
      this.left.usual = everySecond
      this.left.anomalous = everySecond
    }
    for (let i = 0; i < valid && this.left.anomalous > 0; i++) {
      if (scores.rarities[i] > budget) continue
      this.left.anomalous--
      this.keep(chunk, i, true)
    }
    const step = Math.max(1, Math.ceil(valid / everySecond))
    for (let i = 0; i < valid && this.left.usual > 0; i += step) {
      if (scores.rarities[i] <= budget) continue
      this.left.usual--
      this.keep(chunk, i, false)
    }
  }

  private keep({ batch, fields, eventOf, rows, scores, scorer }: ScoredChunk, i: number, isAnomalous: boolean): void {
    const { d, model, version } = scorer
    const event: RecentEvent = {
      row: Float32Array.from(rows.subarray(i * d, (i + 1) * d)),
      eventId: fieldText(fields, eventOf[i] * fields.fields + idSlot, batch.bytes),
      cluster: model.ids[scores.labels[i]],
      version,
      rarity: scores.rarities[i],
      isAnomalous,
      atMs: this.clock.date(),
    }
    this.events[this.next] = event
    this.next = (this.next + 1) % mostEvents
  }
}
