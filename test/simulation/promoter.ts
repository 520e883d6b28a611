/** Somebody who promotes the one deployment and the other, ready or not, while all else goes on. */
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import type { Random } from '../../src/core/kmeans/random.ts'
import { appendPromotion } from '../../src/runtime/primary/primary-record.ts'
import { between, oneOf } from './draw.ts'
import type { Schedule } from './schedule.ts'

export interface PromoterOptions {
  readonly cluster: MemoryCluster
  readonly schedule: Schedule
  readonly random: Random
  readonly topic: string
  readonly deployments: readonly string[]
  readonly pauseMs: number
  readonly promotions: number
}

export class Promoter {
  readonly #options: PromoterOptions
  #left: number

  constructor(options: PromoterOptions) {
    this.#options = options
    this.#left = options.promotions
  }

  get isOver(): boolean {
    return this.#left === 0
  }

  start(): void {
    if (this.isOver) return
    const { schedule, random, pauseMs, deployments, promotions } = this.#options
    // The first is of the other one; which come later is chance.
    const deployment = this.#left === promotions ? deployments[1] : oneOf(random, deployments)
    schedule.later(null, between(random, 1, pauseMs), `${deployment} is promoted`, () => {
      this.#left--
      this.#promote(deployment)
      this.start()
    })
  }

  #promote(deployment: string): void {
    const { cluster, schedule, topic } = this.#options
    // Before the first process has made it, there is nothing to promote.
    if (cluster.topic(topic) === undefined) return
    const outputs = new OutputColumns()
    const promotion = { deployment, by: 'somebody', reason: 'a world', atMs: Math.floor(schedule.nowMs) }
    appendPromotion(outputs, { topic, schemaId: 1 }, promotion)
    cluster.accept(outputs, (partition, records) => partition.append(records))
  }
}
