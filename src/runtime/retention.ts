/** Which published versions to keep: all of the last hour, one an hour for a day, one a day for a month. */

export interface KeepPolicy {
  /** Every version younger than this is kept. */
  readonly allForMs: number
  /** One an hour is kept up to this age. */
  readonly hourlyForMs: number
  /** One a day is kept up to this age; older ones go. */
  readonly dailyForMs: number
}

interface Published {
  readonly version: number
  readonly atMs: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/**
 * The published versions that exist, and which of them to forget. The birth is kept for ever: everything can be
 * rebuilt from it as long as the updates are there. A question costs as much as the versions that have aged, not as
 * those that there are.
 */
export class VersionHistory {
  private readonly policy: KeepPolicy
  /** Ascending by version, and so by time. */
  private published: Published[] = []

  constructor(policy: KeepPolicy) {
    this.policy = policy
  }

  /** A version that was published after all others. */
  add(version: number, atMs: number): void {
    this.published.push({ version, atMs })
    this.holdOrder(this.published.length - 1)
  }

  /** What an earlier owner published, by version; those that are known already stay as they are. */
  addEarlier(published: ReadonlyMap<number, number>): void {
    const all = new Map([...published, ...this.published.map(({ version, atMs }) => [version, atMs] as const)])
    this.published = [...all].map(([version, atMs]) => ({ version, atMs })).sort((a, b) => a.version - b.version)
    for (let i = this.published.length - 1; i > 0; i--) this.holdOrder(i, i - 1)
  }

  /**
   * No version is younger than one after it. Where the times say so the clock was set back in between, and the earlier
   * ones, which seem to come from the future, would otherwise keep themselves and all behind them from ageing.
   */
  private holdOrder(later: number, downTo = 0): void {
    const { atMs } = this.published[later]
    for (let i = later - 1; i >= downTo && this.published[i].atMs > atMs; i--) {
      this.published[i] = { version: this.published[i].version, atMs }
    }
  }

  /** They are no longer there. */
  forget(versions: readonly number[]): void {
    const last = versions.at(-1)
    if (last === undefined) return
    const gone = new Set(versions)
    const aged = this.published.findIndex(({ version }) => version > last)
    const upTo = aged < 0 ? this.published.length : aged
    this.published.splice(0, upTo, ...this.published.slice(0, upTo).filter(({ version }) => !gone.has(version)))
  }

  /**
   * Versions to forget at `nowMs`, oldest first, at most `most`. The first version of each hour and day is the one kept,
   * and of each of `needed` the newest up to it.
   */
  expired(nowMs: number, most: number, needed: readonly number[] = []): number[] {
    const expired: number[] = []
    const kept = new Set<string>()
    const exempt = needed.map((of) => this.newestUpTo(of))
    for (const { version, atMs } of this.published) {
      if (expired.length >= most || nowMs - atMs < this.policy.allForMs) break
      if (version === 1 || exempt.includes(version)) continue
      const slot = this.slotOf(nowMs - atMs, atMs)
      if (slot !== null && !kept.has(slot)) kept.add(slot)
      else expired.push(version)
    }
    return expired
  }

  private newestUpTo(version: number): number | null {
    let [low, high] = [0, this.published.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.published[middle].version <= version) low = middle + 1
      else high = middle
    }
    return low === 0 ? null : this.published[low - 1].version
  }

  private slotOf(ageMs: number, atMs: number): string | null {
    if (ageMs < this.policy.hourlyForMs) return `hour ${Math.floor(atMs / hourMs)}`
    if (ageMs < this.policy.dailyForMs) return `day ${Math.floor(atMs / dayMs)}`
    return null
  }
}
