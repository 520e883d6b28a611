/** How far the group is with each partition of the input, and how fast: what the last looks at the log have shown. */

/** How far the group is with a partition, and where its log ends. */
export interface Place {
  readonly partition: number
  readonly position: number
  readonly end: number
}

/** Records between the group's position and the end. */
export function lagAt({ position, end }: Place): number {
  return Math.max(0, end - position)
}

export interface PartitionState extends Place {
  readonly lagEvents: number
  /** How long the oldest unread event has been there, as far as this process has seen. */
  readonly lagMs: number
  /** Events that the group has committed, and that producers have written, a second since the look before. */
  readonly readPerSecond: number
  readonly writtenPerSecond: number
  /** How long the group's position has stood where it is, as far as this process has seen. */
  readonly stoodMs: number
}

export class PartitionBook {
  private states: readonly PartitionState[] = []
  private lookedMs = Number.NaN

  /** When the group's places were last seen, in ms of the steady clock; NaN: never, or they cannot be seen now. */
  get seenMs(): number {
    return this.lookedMs
  }

  all(): readonly PartitionState[] {
    return this.states
  }

  /** Notes a look at the log. */
  seen(places: readonly (Place & { readonly lagMs: number })[], nowMs: number): void {
    const elapsedS = (nowMs - this.lookedMs) / 1000
    const before = new Map(this.states.map((state) => [state.partition, state]))
    this.states = places.map((place) => {
      const last = before.get(place.partition)
      const rate = (now: number, then: number | undefined) =>
        then === undefined || !(elapsedS > 0) ? 0 : Math.max(0, now - then) / elapsedS
      return {
        ...place,
        lagEvents: lagAt(place),
        readPerSecond: rate(place.position, last?.position),
        writtenPerSecond: rate(place.end, last?.end),
        stoodMs: last?.position === place.position ? last.stoodMs + 1000 * elapsedS : 0,
      }
    })
    this.lookedMs = nowMs
  }

  /** What was seen last is not so any more. */
  unknown(): void {
    this.states = []
    this.lookedMs = Number.NaN
  }
}
