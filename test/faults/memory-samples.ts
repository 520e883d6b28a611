/** The resident memory of processes over their lives. */

interface Life {
  readonly startedMs: number
  lastMs: number
  readonly megabytes: number[]
}

export interface Growth {
  readonly process: string
  readonly lifeSeconds: number
  /** From the middle third of its life to the last, each by its median: the first third is for starting and compiling. */
  readonly megabytes: number
}

/** A younger process is still compiling what it does often, and its heap finding its size. */
const fewestSamples = 180

export class MemorySamples {
  readonly #lives = new Map<string, Life>()
  #peak = 0

  /** The largest that any process was seen with. */
  get peakMegabytes(): number {
    return this.#peak
  }

  add(process: string, megabytes: number): void {
    const nowMs = performance.now()
    const life = this.#lives.get(process) ?? { startedMs: nowMs, lastMs: nowMs, megabytes: [] }
    this.#lives.set(process, life)
    life.lastMs = nowMs
    life.megabytes.push(megabytes)
    this.#peak = Math.max(this.#peak, megabytes)
  }

  /** Of the process that has grown most among those that lived long enough to tell; null when none did. */
  get growth(): Growth | null {
    const long = [...this.#lives].filter(([, { megabytes }]) => megabytes.length >= fewestSamples)
    const grown = long.map(([process, { startedMs, lastMs, megabytes }]): Growth => {
      const third = Math.floor(megabytes.length / 3)
      const [middle, last] = [megabytes.slice(third, 2 * third), megabytes.slice(2 * third)]
      const lifeSeconds = Math.round((lastMs - startedMs) / 1000)
      return { process, lifeSeconds, megabytes: Math.round(median(last) - median(middle)) }
    })
    return grown.toSorted((a, b) => b.megabytes - a.megabytes)[0] ?? null
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
