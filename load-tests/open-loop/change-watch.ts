/** What a reader sees of a pipeline while something about it changes. */
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import type { Rig } from '../../test/faults/rig.ts'
import { type Spread, spreadOf } from '../spread.ts'
import { PartitionPauses } from './partition-pauses.ts'

const lookMs = 250

export interface Change {
  readonly name: string
  readonly seconds: number
  /** Over the partitions. */
  readonly pauseMs: Spread
  readonly ageMs: Spread
  /** Events that no position was behind. */
  readonly mostLag: number
}

export class ChangeWatch {
  readonly changes: Change[] = []
  readonly #log: EventLog
  readonly #rig: Rig
  readonly #say: (line: string) => void
  readonly #pauses: PartitionPauses
  readonly #ending = new AbortController()
  #looking: Promise<void> = Promise.resolve()
  #mostLag = 0

  constructor(log: EventLog, rig: Rig, say: (line: string) => void) {
    this.#log = log
    this.#rig = rig
    this.#say = say
    this.#pauses = new PartitionPauses(log, rig.configuration.topics.assignments)
  }

  /** Nothing changes for so long: what the other figures are to be seen beside. */
  async begin(steadyMs: number): Promise<void> {
    await this.#pauses.watch(this.#rig.verifier.partitions)
    this.#looking = this.#look()
    this.#looking.catch(() => undefined) // Awaited by `close`.
    await systemClock.sleep(steadyMs)
    this.#pauses.take()
    await this.over('no change', () => systemClock.sleep(steadyMs))
  }

  async over(name: string, change: () => Promise<void>): Promise<void> {
    this.#pauses.take()
    this.#mostLag = 0
    const fromMs = performance.now()
    await change()
    await this.#pauses.watch(this.#rig.verifier.partitions)
    const { pausesMs, agesMs } = this.#pauses.take()
    const seconds = (performance.now() - fromMs) / 1000
    const seen = agesMs.filter(Number.isFinite)
    const found = { name, seconds, pauseMs: spreadOf(pausesMs, 0), ageMs: spreadOf(seen, 0), mostLag: this.#mostLag }
    this.changes.push(found)
    this.#say(
      `${name}: longest pause ${found.pauseMs.most} ms, oldest event ${found.ageMs.most} ms, lag up to ${found.mostLag}`,
    )
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#looking
    await this.#pauses.close()
  }

  async #look(): Promise<void> {
    const { input, name } = this.#rig.configuration
    while (!this.#ending.signal.aborted) {
      const done = await this.#log.committed(name, input.topic)
      let lag = 0
      for (let partition = 0; partition < this.#rig.verifier.partitions; partition++) {
        const { end } = await this.#log.bounds({ topic: input.topic, partition })
        lag += Math.max(0, end - (done.get(partition) ?? 0))
      }
      this.#mostLag = Math.max(this.#mostLag, lag)
      await systemClock.sleep(lookMs, this.#ending.signal)
    }
  }
}
