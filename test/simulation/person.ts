/** Somebody who orders things of the model while all else goes on: commands in the log, made of what is committed then. */
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { type Command, commandOf } from '../../src/core/command/command.ts'
import type { Random } from '../../src/core/kmeans/random.ts'
import { appendCommand } from '../../src/stages/command-records.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { between, oneOf } from './draw.ts'
import type { Version, Versions } from './oracle/versions.ts'
import type { Schedule } from './schedule.ts'

export interface PersonOptions {
  readonly cluster: MemoryCluster
  readonly schedule: Schedule
  readonly random: Random
  readonly topic: string
  readonly versions: Versions
  /** Between the orders, on average half of it. */
  readonly pauseMs: number
  readonly orders: number
}

/** All that is learned stays learned, so that the oracle can count it: nothing is frozen. */
const kinds = ['pin', 'pin', 'pin', 'unpin', 'budget', 'reseed', 'refit', 'learnFaster', 'rollback'] as const

export class Person {
  readonly #options: PersonOptions
  #left: number

  constructor(options: PersonOptions) {
    this.#options = options
    this.#left = options.orders
  }

  get isOver(): boolean {
    return this.#left === 0
  }

  start(): void {
    this.#next()
  }

  #next(): void {
    if (this.isOver) return
    const { schedule, random, pauseMs } = this.#options
    schedule.later(null, between(random, 1, pauseMs), 'a person orders', () => {
      this.#left--
      this.#order()
      this.#next()
    })
  }

  #order(): void {
    const { cluster, random, topic, versions, schedule } = this.#options
    const kind = oneOf(random, kinds)
    const [newest, one] = [versions.newest, oneOf(random, [...versions.kept(), null])]
    if (newest === null || one === null) return
    const outputs = new OutputColumns()
    const given = { bornAtMs: newest.scorer.model.bornAtMs, reason: 'a world', by: 'somebody', atMs: schedule.nowMs }
    const command = commandOf(kind, { ...given, ...this.#partsOf(kind, one) })
    appendCommand(outputs, { topic, schemaId: 1 }, command, schedule.nowMs)
    cluster.accept(outputs, (partition, records) => partition.append(records))
  }

  #partsOf(kind: (typeof kinds)[number], { version, bytes }: Version): Partial<Command> {
    const { random } = this.#options
    switch (kind) {
      case 'pin':
      case 'unpin':
        return { targetVersion: version }
      case 'budget':
        return { budget: oneOf(random, [1e-6, 0.02, 0.2, 0.5]) }
      case 'learnFaster':
        return { factor: 3, events: 20 }
      case 'rollback':
        return { targetVersion: version, target: bytes.subarray(wireHeaderBytes) }
      default:
        return {}
    }
  }
}
