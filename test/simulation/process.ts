/** One life of a process: the product's own service, with ports that the schedule has in its hand. */
import type { MemoryClient } from '../../src/adapters/memory/client.ts'
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { avroProjection } from '../../src/core/avro/avro-projection.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import type { PublishedModel } from '../../src/runtime/model-follower.ts'
import type { SchemaRegistry, SnapshotStore, Telemetry } from '../../src/runtime/ports.ts'
import { type Service, type ServiceSettings, startService } from '../../src/runtime/service.ts'
import { noSpan } from '../../src/runtime/span.ts'
import type { AnomalyValue } from '../../src/stages/score.ts'
import { maxEventBytes } from './events.ts'
import type { Versions } from './oracle/versions.ts'
import { Violation } from './oracle/violation.ts'
import type { Pace } from './pace.ts'
import { Ports } from './ports.ts'
import { Actor, type Schedule } from './schedule.ts'
import type { Troubles } from './troubles.ts'

export interface ProcessOptions {
  readonly cluster: MemoryCluster
  readonly schedule: Schedule
  readonly troubles: Troubles
  readonly settings: ServiceSettings
  readonly registry: Pick<SchemaRegistry, 'register' | 'lookup'>
  readonly snapshots: SnapshotStore | null
  readonly schema: (name: string) => string
  readonly encodeAnomaly: (schemaId: number) => (value: AnomalyValue) => Uint8Array
  readonly pace: Pace
  readonly seed: number
  readonly onFenced: () => void
  /** Told what the process says of itself that it should never have to say. */
  readonly onUnexpected: (what: string) => void
}

export class SimulatedProcess {
  readonly actor: Actor
  readonly slot: number
  readonly ports: Ports
  readonly service: Service
  /** `stop` has been called, and what came of it. */
  stopping: 'no' | 'under way' | 'done' | 'late' = 'no'
  #known: PublishedModel | null = null
  readonly #client: MemoryClient
  readonly #schedule: Schedule
  #speakAgain: (() => void) | null = null

  constructor(slot: number, life: number, options: ProcessOptions) {
    const { cluster, schedule, troubles, settings, registry, snapshots, pace, seed } = options
    this.slot = slot
    this.actor = new Actor(`p${slot}.${life}`)
    this.#schedule = schedule
    const random = new Random(seed * 1_000 + slot * 100 + life)
    this.ports = new Ports({ actor: this.actor, slot, schedule, troubles, pace, random })
    this.#client = cluster.client(this.ports.wire)
    this.service = startService(settings, {
      log: this.#client,
      registry: this.ports.registry(registry),
      snapshots: snapshots === null ? null : this.ports.store(snapshots),
      clock: this.ports.clock,
      telemetry: this.#telemetry(options),
      projection: () => avroProjection(settings.plan.fields, { framing: 'registry', maxEventBytes }),
      schema: options.schema,
      encodeAnomaly: options.encodeAnomaly,
    })
  }

  get name(): string {
    return this.actor.name
  }

  /** Until it is dead, or has stopped. */
  get isAlive(): boolean {
    return this.actor.state !== 'gone' && this.stopping !== 'done'
  }

  /** What it asked for before it stopped may still be under way: nobody waits for it. */
  get isIdle(): boolean {
    return this.actor.state === 'gone' || this.actor.waiting === 0
  }

  /** SIGKILL. */
  kill(): void {
    this.#schedule.end(this.actor)
    this.#client.fallSilent()
  }

  /** SIGSTOP. */
  stall(): void {
    if (this.actor.state !== 'running') return
    this.#schedule.stall(this.actor)
    this.#speakAgain = this.#client.fallSilent()
  }

  /** SIGCONT. */
  wake(): void {
    if (this.actor.state !== 'stalled') return
    this.#schedule.wake(this.actor)
    this.#speakAgain?.()
  }

  /** SIGTERM: the process stops in order, or is ended at its deadline. */
  stop(): void {
    if (this.stopping !== 'no') return
    this.stopping = 'under way'
    const ended = (how: 'done' | 'late') => {
      this.stopping = how
      if (how === 'late') this.kill()
    }
    this.service.stop().then(
      () => ended('done'),
      () => ended('late'),
    )
  }

  /** What it scores by must be a committed version, and never an older one than before. */
  refuseUncommitted(versions: Versions): void {
    const now = this.service.follower.current()
    if (now === this.#known || now === null) return
    if (versions.at(now.offset)?.bytes.equals(now.bytes) !== true) {
      throw new Violation(
        3,
        `${this.name} must score by a committed version: what it has of offset ${now.offset} is none`,
      )
    }
    if (this.#known !== null && now.offset < this.#known.offset) {
      throw new Violation(
        3,
        `${this.name} must not go back from version ${this.#known.scorer.version} to ${now.scorer.version}`,
      )
    }
    this.#known = now
  }

  #telemetry({ schedule, onFenced, onUnexpected }: ProcessOptions): Telemetry {
    const say =
      (level: string) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
        schedule.trace.say(schedule.nowMs, `${this.name} says ${level}: ${message}`)
        if (fields.code === 'unexpected') onUnexpected(`${this.name}: ${message}: ${stackOf(fields.error)}`)
      }
    return {
      log: { info: say('info'), warn: say('warning'), error: say('error') },
      count: (metric, _value, labels) => {
        if (metric === 'shoal_transactions_total' && 'outcome' in labels && labels.outcome === 'fenced') onFenced()
      },
      observe: () => undefined,
      gauge: () => undefined,
      startSpan: () => noSpan,
      close: () => Promise.resolve(),
    }
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
