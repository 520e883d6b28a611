/**
 * When a partition's end passed which offset, as far as it was looked at: the age of what lies at an offset, without
 * reading it. The times of the records themselves would not do: they are what producers say, and years ago in a replay.
 */

/** Of looks that saw a new end. Beyond that the older half is kept at half the resolution, so that days fit. */
const mostLooks = 120

interface Look {
  readonly end: number
  readonly atMs: number
}

export class Passage {
  /** Ascending in both. */
  private looks: Look[] = []

  /** The end is there at this time. An end that has moved back is that of another log. */
  seen(end: number, atMs: number): void {
    const last = this.looks.at(-1)
    if (last !== undefined && end < last.end) this.looks = []
    else if (last?.end === end) return
    this.looks.push({ end, atMs })
    if (this.looks.length > mostLooks) this.thin()
  }

  /** How long ago the record at `offset` had come, at least: since the first look that saw it. 0 when none has. */
  ageMs(offset: number, nowMs: number): number {
    const look = this.looks.find(({ end }) => end > offset)
    return look === undefined ? 0 : nowMs - look.atMs
  }

  /** Forgets what nobody asks for once records before `offset` are done with. */
  done(offset: number): void {
    const first = this.looks.findIndex(({ end }) => end > offset)
    this.looks.splice(0, first < 0 ? this.looks.length - 1 : first)
  }

  private thin(): void {
    const half = mostLooks / 2
    this.looks = this.looks.filter((_, i) => i >= half || i % 2 === 0)
  }
}
