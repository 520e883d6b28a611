/** What a running process can show of itself and of the stream, beside the model. */
import type { ModelFollower } from '../model-follower.ts'
import type { Clock } from '../ports.ts'
import { PartitionBook } from './partition-book.ts'
import { Pulse } from './pulse.ts'
import { RecentEvents } from './recent-events.ts'

/** Events that a model is to be born from, as far as this process has found them. */
export interface BirthProgress {
  readonly events: number
  readonly enough: number
}

export class Insight {
  readonly partitions = new PartitionBook()
  readonly events: RecentEvents
  readonly pulse: Pulse
  private awaited: BirthProgress | null = null

  constructor(follower: Pick<ModelFollower, 'current'>, clock: Clock) {
    this.events = new RecentEvents(clock)
    this.pulse = new Pulse({ follower, partitions: this.partitions, clock })
  }

  /** Null: this process is not, or has not been, the one that a model is born in. */
  get birth(): BirthProgress | null {
    return this.awaited
  }

  birthProgress(progress: BirthProgress): void {
    this.awaited = progress
  }
}
