import type { Clock } from '../../src/runtime/ports.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000
  #offMs = 0
  readonly #sleepers = new Set<Sleeper>()

  /** How many sleeps have neither come to their time nor been given up. */
  get sleepers(): number {
    return this.#sleepers.size
  }

  now(): number {
    return this.#nowMs
  }

  date(): number {
    return this.#nowMs + this.#offMs
  }

  /** The machine's clock is set; no time passes by it. */
  setDate(ms: number): void {
    this.#offMs = ms - this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { atMs: this.#nowMs + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }

  /** Wakes those whose time has come, in the order of their times. */
  advance(ms: number): void {
    this.#nowMs += ms
    const due = [...this.#sleepers].filter(({ atMs }) => atMs <= this.#nowMs).sort((a, b) => a.atMs - b.atMs)
    for (const { wake } of due) wake()
  }
}
