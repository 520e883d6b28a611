/** What a running process can show of itself and of the stream, beside the model. */
import type { Profiles } from '../../core/profiles/profiles.ts'
import type { ModelFollower } from '../model-follower.ts'
import type { Clock, Share } from '../ports.ts'
import type { ProfileKeeper } from '../profile-keeper.ts'
import { PartitionBook } from './partition-book.ts'
import { Pulse } from './pulse.ts'
import { RecentEvents } from './recent-events.ts'

/** Events that a model is to be born from, as far as this process has found them. */
export interface BirthProgress {
  readonly events: number
  readonly enough: number
}

/** A partition with unread events that has stood still for so long is not being worked on. */
const longestStandMs = 300_000

export class Insight {
  readonly partitions = new PartitionBook()
  readonly events: RecentEvents
  readonly pulse: Pulse
  private awaited: BirthProgress | null = null
  private keeper: Pick<ProfileKeeper, 'all'> | null = null
  private share: Pick<Share, 'positions' | 'ended'> | null = null

  constructor(follower: Pick<ModelFollower, 'current'>, clock: Clock) {
    this.events = new RecentEvents(clock)
    this.pulse = new Pulse({ follower, partitions: this.partitions, clock })
  }

  /** Whose partitions this process works on, from now on. */
  works(share: Pick<Share, 'positions' | 'ended'>): void {
    this.share = share
  }

  /** Why the process should be started anew: it has partitions with unread events that stand still. Null: it gets on. */
  stalled(): string | null {
    const { share } = this
    if (share === null || share.ended.aborted) return null
    const still = this.partitions
      .all()
      .filter(({ partition, lagEvents, stoodMs }) => {
        return share.positions.has(partition) && lagEvents > 0 && stoodMs > longestStandMs
      })
      .map(({ partition }) => partition)
    const rule = `partitions with unread events must move within ${longestStandMs / 1000} s`
    return still.length === 0 ? null : `${rule}: ${still.join(', ')} do not`
  }

  /** The profiles of the partitions of this process; empty: it has none. */
  profiles(): ReadonlyMap<number, Profiles> {
    return this.share === null || this.share.ended.aborted ? new Map() : (this.keeper?.all() ?? new Map())
  }

  keeps(keeper: Pick<ProfileKeeper, 'all'>): void {
    this.keeper = keeper
  }

  /** Null: this process is not, or has not been, the one that a model is born in. */
  get birth(): BirthProgress | null {
    return this.awaited
  }

  birthProgress(progress: BirthProgress): void {
    this.awaited = progress
  }
}
