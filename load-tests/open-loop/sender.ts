/** An open loop: what is due goes out at every tick, whatever has come of what went before. */
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'

const tickMs = 5
/** What one call carries at most: a sender that has fallen behind catches up in pieces. */
const mostAtOnce = 20_000
/** Calls that wait for the broker: what is due beyond them goes with the next, and counts from when it was due. */
const mostCalls = 40

export interface SenderOptions {
  readonly log: EventLog
  readonly topic: string
  /** Event i goes to partition i modulo this. */
  readonly partitions: number
  /** Sent over and over. */
  readonly events: readonly { readonly key: Buffer; readonly value: Buffer }[]
  /** Writes its number into the value of an event that is about to be sent. */
  readonly numbered?: (value: Buffer, i: number) => void
}

/** A rate, from an event on. */
interface Pace {
  readonly from: number
  readonly atMs: number
  readonly eventsPerSecond: number
}

export class Sender {
  readonly #options: SenderOptions
  readonly #paces: Pace[] = []
  readonly #calls = new Set<Promise<void>>()
  #sent = 0
  #acknowledged = 0
  #isOver = false
  #failure: unknown = null
  #running: Promise<void> | null = null

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Events that the broker has. */
  get acknowledged(): number {
    if (this.#failure !== null) throw this.#failure
    return this.#acknowledged
  }

  /** Events that were handed to it, or will be before anything else. */
  get sent(): number {
    return this.#sent
  }

  /** Sends at this rate from now on; 0: nothing. */
  setRate(eventsPerSecond: number): void {
    const atMs = performance.now()
    this.#paces.push({ from: this.#dueBy(atMs), atMs, eventsPerSecond })
    this.#running ??= this.#run()
  }

  /** Events that should have been sent by then. */
  get due(): number {
    return this.#dueBy(performance.now())
  }

  /** When event i should be sent, on the clock of `performance.now`. */
  dueMs(i: number): number {
    const { from, atMs, eventsPerSecond } = this.#paces.findLast((pace) => pace.from <= i && pace.eventsPerSecond > 0)!
    return atMs + (1000 * (i - from)) / eventsPerSecond
  }

  /** Sends what is due now and no more; resolves when the broker has it all. */
  async stop(): Promise<void> {
    if (this.#paces.length > 0) this.setRate(0)
    while (this.#failure === null && this.#sent < this.due) await systemClock.sleep(tickMs)
    this.#isOver = true
    await this.#running
    await Promise.all(this.#calls)
    if (this.#failure !== null) throw this.#failure
  }

  #dueBy(nowMs: number): number {
    const last = this.#paces.at(-1)
    if (last === undefined) return 0
    return last.from + Math.floor(((nowMs - last.atMs) * last.eventsPerSecond) / 1000)
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const count = Math.min(mostAtOnce, this.due - this.#sent)
      if (count > 0 && this.#calls.size < mostCalls) this.#send(count)
      else await systemClock.sleep(tickMs)
    }
  }

  #send(count: number): void {
    const { log, topic, partitions, events, numbered } = this.#options
    const from = this.#sent
    this.#sent += count
    const call = log
      .publish((outputs) => {
        const timestamp = Date.now()
        for (let i = from; i < from + count; i++) {
          const { key, value } = events[i % events.length]
          numbered?.(value, i)
          outputs.append({ topic, partition: i % partitions, key, value, timestamp })
        }
      })
      .then(
        () => {
          this.#acknowledged += count
        },
        (error: unknown) => {
          this.#failure ??= error
        },
      )
      .finally(() => this.#calls.delete(call))
    this.#calls.add(call)
  }
}
