/** The most unusual events of a replay, with their explanations. */
import type { AnomalyValue } from '../../stages/score.ts'
import type { Label } from './labelled-events.ts'

export interface TopAnomaly {
  /** Place in the stream. */
  readonly number: number
  readonly label: Label
  readonly logDistance: number
  readonly value: AnomalyValue
}

const most = 15

export class TopAnomalies {
  private held: TopAnomaly[] = []

  add(anomaly: TopAnomaly): void {
    this.held.push(anomaly)
    if (this.held.length >= 16 * most) this.held = this.sorted()
  }

  /** The farthest first, at most 15; of equals the earlier. */
  sorted(): TopAnomaly[] {
    return this.held.toSorted((a, b) => b.logDistance - a.logDistance || a.number - b.number).slice(0, most)
  }
}
