/** Waiting longer after each failure, on the injected clock so that a simulation can pass the time. */
import type { Clock } from './ports.ts'

const firstMs = 100

/** Doubling waits from 100 ms to 15 s, or what the longest is to be; `reset` after a success. */
export class Backoff {
  private readonly clock: Clock
  private readonly longestMs: number
  private nextMs = firstMs

  constructor(clock: Clock, longestMs = 15_000) {
    this.clock = clock
    this.longestMs = longestMs
  }

  reset(): void {
    this.nextMs = firstMs
  }

  /** Waits, or returns at once when the signal fires. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.nextMs
    this.nextMs = Math.min(this.nextMs * 2, this.longestMs)
    await this.clock.sleep(ms, signal)
  }
}
