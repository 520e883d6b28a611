/** Which computations another thread does: it takes 40 MB, and so must be worth it. */
import type { Computation } from '../core/kmeans/steps.ts'
import type { Clock, Computer } from './ports.ts'

/** Steps of so many multiplications, some milliseconds, hold nobody up. */
const leastWork = 4_000_000
/** Nor do many of them, until they take this share of the time: a backlog that is worked off is looked after several times a second. */
const leastShare = 0.1
/** What was so long ago counts for a third, so that a model's first seconds, with much to learn, are no reason. */
const rememberedMs = 10_000

export class Elsewhere {
  private readonly computer: Pick<Computer, 'compute'>
  private readonly clock: Pick<Clock, 'now'>
  /** What computations have taken, as far as it counts. */
  private tookMs = 0
  private countedMs: number

  constructor(computer: Pick<Computer, 'compute'>, clock: Pick<Clock, 'now'>) {
    this.computer = computer
    this.clock = clock
    this.countedMs = clock.now()
  }

  /** Its result, from the thread or, when it is not worth that or the thread fails, as `here` does it. */
  async result(computation: Computation, here: () => Promise<unknown>): Promise<unknown> {
    const startedMs = this.clock.now()
    try {
      return await (this.isWorthIt(computation, startedMs) ? this.there(computation, here) : here())
    } finally {
      this.count(startedMs)
    }
  }

  private isWorthIt({ stepWork }: Computation, nowMs: number): boolean {
    return stepWork >= leastWork || this.counts(nowMs) > leastShare * rememberedMs
  }

  private async there({ name, input }: Computation, here: () => Promise<unknown>): Promise<unknown> {
    try {
      return await this.computer.compute(name, input)
    } catch {
      // It has said why.
      return here()
    }
  }

  private count(startedMs: number): void {
    const nowMs = this.clock.now()
    this.tookMs = this.counts(nowMs) + nowMs - startedMs
    this.countedMs = nowMs
  }

  private counts(nowMs: number): number {
    return this.tookMs * Math.exp((this.countedMs - nowMs) / rememberedMs)
  }
}
