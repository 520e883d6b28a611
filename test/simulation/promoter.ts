/**
 * Somebody who promotes the one deployment and the other, ready or not, while all else goes on, and now and then stands in
 * for the one that is not promoted, whether or not it has processes.
 */
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import type { Wire } from '../../src/adapters/memory/wire.ts'
import type { Random } from '../../src/core/kmeans/random.ts'
import type { SchemaRegistry, Telemetry } from '../../src/runtime/ports.ts'
import { Primaries } from '../../src/runtime/primary/primaries.ts'
import { appendPromotion } from '../../src/runtime/primary/primary-record.ts'
import { standIn } from '../../src/runtime/primary/stand-in.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { noSpan } from '../../src/runtime/span.ts'
import { between, happens, oneOf } from './draw.ts'
import { worldClock } from './ports.ts'
import type { Schedule } from './schedule.ts'
import { name } from './settings.ts'

/** So long it waits for partitions that others hold. */
const patienceMs = 4_000

export interface PromoterOptions {
  readonly cluster: MemoryCluster
  readonly schedule: Schedule
  readonly random: Random
  readonly deployments: readonly ServiceSettings[]
  readonly registry: Pick<SchemaRegistry, 'register' | 'lookup'>
  readonly schema: (name: string) => string
  readonly pauseMs: number
  readonly promotions: number
}

export class Promoter {
  readonly #options: PromoterOptions
  #left: number
  #standingIn = 0

  constructor(options: PromoterOptions) {
    this.#options = options
    this.#left = options.promotions
  }

  get isOver(): boolean {
    return this.#left === 0 && this.#standingIn === 0
  }

  start(): void {
    if (this.#left === 0) return
    const { schedule, random, pauseMs, deployments, promotions } = this.#options
    // The first is of the other one; which come later is chance.
    const deployment = this.#left === promotions ? deployments[1] : oneOf(random, deployments)
    schedule.later(null, between(random, 1, pauseMs), `${deployment.name} is promoted`, () => {
      this.#left--
      this.#promote(deployment)
      if (happens(random, 0.3)) this.#standIn(deployment)
      this.start()
    })
  }

  #promote({ name: deployment, topics: { primary: topic } }: ServiceSettings): void {
    const { cluster, schedule } = this.#options
    // Before the first process has made it, there is nothing to promote.
    if (cluster.topic(topic) === undefined) return
    const outputs = new OutputColumns()
    const promotion = { deployment, by: 'somebody', reason: 'a world', atMs: Math.floor(schedule.nowMs) }
    appendPromotion(outputs, { topic, schemaId: 1 }, promotion)
    cluster.accept(outputs, (partition, records) => partition.append(records))
  }

  /** As a tool would, by a way to the log that nothing happens on. */
  #standIn(settings: ServiceSettings): void {
    const { cluster, schedule, registry, schema, deployments } = this.#options
    const other = deployments.find((of) => of !== settings)!
    if (
      cluster.topic(settings.topics.primary) === undefined ||
      cluster.topic(settings.topics.driftEvents) === undefined
    )
      return
    const atOnce: Wire = async (_, deliver) => deliver()
    const log = cluster.client(atOnce)
    const clock = worldClock(schedule)
    const telemetry: Telemetry = {
      ...{ log: { info() {}, warn() {}, error() {} }, count() {}, observe() {}, gauge() {} },
      ...{ startSpan: () => noSpan, close: () => Promise.resolve() },
    }
    const health = { recovered() {} }
    const primaries = new Primaries({ topic: settings.topics.primary, first: name, log, telemetry, health })
    const over = new AbortController()
    const parts = { log, registry: { ...registry, close: () => Promise.resolve() }, schema, clock, telemetry }
    const nothing = {
      follower: { upToDate: async () => null, current: () => null },
      audit: { command: async () => {} },
    }
    this.#standingIn++
    schedule.later(null, patienceMs, 'who stands in gives up', () => over.abort())
    const following = primaries.run(over.signal)
    void standIn({ ...parts, ...nothing, settings, primaries }, other.name, over.signal)
      // It has lost its place, or the group's: as a tool that ends with an error.
      .catch(() => undefined)
      .then(async () => {
        over.abort()
        await following
        await log.close()
        this.#standingIn--
      })
  }
}
