/**
 * How far the deployments that this one shadows have committed. What is known may be of a moment ago: positions only grow,
 * and a shadow that stays behind an older one stays behind the newer one, too.
 */
import { Backoff } from '../backoff.ts'
import { codeOf, ShoalError } from '../errors.ts'
import type { Health } from '../health.ts'
import { unlessAborted } from '../interruption.ts'
import { News } from '../news.ts'
import type { Clock, EventLog } from '../ports.ts'

export interface FrontierOptions {
  /** The topic that all of them read. */
  readonly input: string
  readonly log: EventLog
  readonly clock: Clock
  readonly health: Pick<Health, 'failed' | 'recovered'>
}

const everyMs = 100
/** Whether those have processes that are shadowed, is asked once in so many looks. */
const looksPerMembers = 50
/** Who suffers, as the health calls it. */
const by = 'positions'

export class Frontier {
  readonly news = new News()
  private readonly options: FrontierOptions
  private readonly positions = new Map<string, Map<number, number>>()
  private names: ReadonlySet<string> = new Set()
  private gone: ReadonlySet<string> = new Set()
  private readonly asked = new News()

  constructor(options: FrontierOptions) {
    this.options = options
  }

  /** What the deployment has committed of the partition; null: nothing that is known. */
  of(deployment: string, partition: number): number | null {
    return this.positions.get(deployment)?.get(partition) ?? null
  }

  /** Whose positions are looked at from now on. */
  wanted(names: ReadonlySet<string>): void {
    const isNew = [...names].some((name) => !this.names.has(name))
    this.names = names
    if (isNew) this.asked.tell()
  }

  /** Looks until the signal fires, while anybody wants to know. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, health } = this.options
    const backoff = new Backoff(clock)
    let looks = 0
    while (!signal.aborted) {
      if (this.names.size === 0) {
        health.recovered('primary', by)
        this.over(new Set())
        looks = 0
        await this.asked.next(signal)
        continue
      }
      try {
        const hasMoved = await this.look(signal)
        if (looks++ % looksPerMembers === 0) await this.lookForMembers(signal)
        if (signal.aborted) return
        health.recovered('primary', by)
        backoff.reset()
        if (hasMoved) this.news.tell()
        await clock.sleep(everyMs, signal)
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error
        health.failed('primary', `the positions of the primary cannot be read: ${error.message}`, by, {
          code: codeOf(error),
        })
        await backoff.wait(signal)
      }
    }
  }

  /** A primary that has no processes writes nothing: whoever shadows it does not get on, and says why. */
  private async lookForMembers(signal: AbortSignal): Promise<void> {
    const { log, input, health } = this.options
    const gone = new Set<string>()
    for (const name of this.names) {
      if ((await unlessAborted(signal, log.members(name, input))) === 0) gone.add(name)
    }
    for (const name of gone) {
      const remedy = 'start one, or take its partitions with `shoal promote --force`'
      health.failed('primary', `${name}, which is the primary, has no processes: ${remedy}`, name)
    }
    this.over(gone)
  }

  /** Those that were gone and are not any more, or are nobody's concern. */
  private over(gone: ReadonlySet<string>): void {
    for (const name of this.gone) if (!gone.has(name)) this.options.health.recovered('primary', name)
    this.gone = gone
  }

  /** True when something is known that was not before. */
  private async look(signal: AbortSignal): Promise<boolean> {
    const { log, input } = this.options
    let hasMoved = false
    for (const name of this.names) {
      const found = await unlessAborted(signal, log.lastCommitted(name, input))
      const known = this.positions.get(name) ?? new Map<number, number>()
      this.positions.set(name, known)
      for (const [partition, position] of found ?? []) {
        if (position <= (known.get(partition) ?? -1)) continue
        known.set(partition, position)
        hasMoved = true
      }
    }
    return hasMoved
  }
}
