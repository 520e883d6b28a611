/** Which published versions to keep: all of the last hour, one an hour for a day, one a day for a month. */

export interface KeepPolicy {
  /** Every version younger than this is kept. */
  readonly allForMs: number
  /** One an hour is kept up to this age. */
  readonly hourlyForMs: number
  /** One a day is kept up to this age; older ones go. */
  readonly dailyForMs: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/**
 * The published versions that exist, and which of them to forget. The birth is kept for ever: everything can be
 * rebuilt from it as long as the updates are there.
 */
export class VersionHistory {
  private readonly policy: KeepPolicy
  private readonly published = new Map<number, number>()

  constructor(policy: KeepPolicy) {
    this.policy = policy
  }

  add(version: number, publishedAtMs: number): void {
    this.published.set(version, publishedAtMs)
  }

  remove(version: number): void {
    this.published.delete(version)
  }

  /** Versions to forget at `nowMs`, oldest first, at most `most`. The first version of each hour and day is the one kept. */
  expired(nowMs: number, most: number): number[] {
    const expired: number[] = []
    const kept = new Set<string>()
    for (const [version, at] of [...this.published].sort((a, b) => a[0] - b[0])) {
      if (expired.length >= most || nowMs - at < this.policy.allForMs) break
      if (version === 1) continue
      const slot = this.slotOf(nowMs - at, at)
      if (slot !== null && !kept.has(slot)) kept.add(slot)
      else expired.push(version)
    }
    return expired
  }

  private slotOf(ageMs: number, atMs: number): string | null {
    if (ageMs < this.policy.hourlyForMs) return `hour ${Math.floor(atMs / hourMs)}`
    if (ageMs < this.policy.dailyForMs) return `day ${Math.floor(atMs / dayMs)}`
    return null
  }
}
