/** One seed's world: processes, log, store, registry and producer, what goes wrong with them, and what the oracle says of it. */
import type { MemoryClient } from '../../src/adapters/memory/client.ts'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import type { Wire } from '../../src/adapters/memory/wire.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import type { SnapshotStore } from '../../src/runtime/ports.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { happens } from './draw.ts'
import { eventSource } from './events.ts'
import { applyFault, type Faulty } from './faults.ts'
import { Input } from './input.ts'
import { MemorySnapshots } from './memory-snapshots.ts'
import { Oracle } from './oracle/oracle.ts'
import { watched } from './oracle/snapshots.ts'
import { Violation } from './oracle/violation.ts'
import { durationMs, holdUpMs } from './pace.ts'
import { Person } from './person.ts'
import type { Plan } from './plan.ts'
import { worldClock } from './ports.ts'
import { SimulatedProcess } from './process.ts'
import { Promoter } from './promoter.ts'
import { Schedule } from './schedule.ts'
import type { Schemas } from './schemas.ts'
import { deploymentsOf, inputTopic, name } from './settings.ts'
import type { Trace } from './trace.ts'
import { Troubles } from './troubles.ts'

/** After the last fault: timeouts of sessions and transactions, and the longest wait of a task that failed often, twice. */
const calmMs = 60_000
/** Requests, answers and timers of one process at a time: two memberships, the follower, the snapshots, the lag. */
const mostWaiting = 20
/** After a stop with nothing wrong in the world. */
const stopMs = 20_000
/** Far more than any world needs: one that never rests. */
const mostSteps = 300_000

export interface WorldParts {
  readonly schemas: Schemas
  readonly trace: Trace
  /** Where the snapshots of this world go, when its shape wants files. */
  readonly files: SnapshotStore | null
}

export class World implements Faulty {
  readonly plan: Plan
  readonly schedule: Schedule
  readonly troubles = new Troubles()
  readonly cluster: MemoryCluster
  readonly input: Input
  readonly oracle: Oracle
  readonly person: Person
  /** Of the first deployment. */
  readonly settings: ServiceSettings
  readonly deployments: readonly ServiceSettings[]
  readonly promoter: Promoter
  readonly memoryStore: MemorySnapshots | null
  /** By slot: its present life. */
  readonly processes: SimulatedProcess[] = []
  /** Commits that were refused because they were a zombie's. */
  fenced = 0
  readonly #parts: WorldParts
  readonly #store: SnapshotStore | null
  readonly #lives: number[] = []
  #violation: Violation | null = null
  #backUp: ReturnType<MemorySnapshots['dump']> | null = null
  #phase: 'faults' | 'calm' | 'stopping' = 'faults'
  #phaseSinceMs = 0
  #calmMs = 0
  #settledMs = 0
  #lag: 'unknown' | 'asked' | 'zero' = 'unknown'

  constructor(plan: Plan, parts: WorldParts) {
    const { seed, shape } = plan
    this.plan = plan
    this.#parts = parts
    this.schedule = new Schedule(seed, parts.trace)
    this.deployments = deploymentsOf(shape)
    this.settings = this.deployments[0]
    const { sessionTimeoutMs, transactionTimeoutMs } = shape
    const markers = new Random(seed + 2)
    this.cluster = new MemoryCluster({
      clock: worldClock(this.schedule),
      sessionTimeoutMs,
      transactionTimeoutMs,
      tell: (deliver) => {
        // The log is quick to say what it knows, but for now and then.
        const ms = happens(markers, 0.05) ? holdUpMs(markers) : durationMs(shape.pace, markers)
        this.schedule.later(null, ms, 'a partition hears of the end of a transaction', deliver)
      },
    })
    this.cluster.create({ topic: inputTopic, partitions: shape.partitions, cleanup: 'delete', owner: 'user' })
    const random = new Random(seed + 1)
    const { events, d, k, invalidShare, inputMs, drifts } = shape
    const movesAt = drifts ? Math.floor(events / 2) : Number.POSITIVE_INFINITY
    this.input = new Input({
      cluster: this.cluster,
      schedule: this.schedule,
      random,
      topic: inputTopic,
      events,
      overMs: inputMs,
      next: eventSource(random, d, k, parts.schemas.writerIds(d), invalidShare, movesAt),
    })
    this.oracle = new Oracle({
      plan: this.settings.plan,
      assignmentSchema: parts.schemas.text('assignment'),
      anomalySchema: parts.schemas.text('anomaly'),
      profiles: this.settings.profiles,
      input: this.input.partitions,
      cluster: this.cluster,
      deployments: this.deployments,
      trace: parts.trace,
    })
    this.person = new Person({
      ...{ cluster: this.cluster, schedule: this.schedule, random: new Random(seed + 3), orders: shape.orders },
      ...{ topic: this.settings.topics.modelUpdates, versions: this.oracle.versions },
      pauseMs: Math.ceil((2 * inputMs) / Math.max(1, shape.orders)),
    })
    this.promoter = new Promoter({
      ...{ cluster: this.cluster, schedule: this.schedule, random: new Random(seed + 4) },
      ...{ deployments: this.deployments, promotions: shape.promotions },
      ...{ registry: parts.schemas.registry, schema: parts.schemas.text },
      pauseMs: Math.ceil((2 * inputMs) / Math.max(1, shape.promotions)),
    })
    this.memoryStore = shape.store === 'memory' ? new MemorySnapshots(shape.historyLimit) : null
    const store = this.memoryStore?.open() ?? (parts.files === null ? null : standingStill(parts.files, this.schedule))
    this.#store = store === null ? null : watched(store, this.oracle.versions, (found) => this.#found(found))
  }

  /** Lives until everything is done, and throws what the oracle finds. */
  async live(): Promise<void> {
    const { schedule, plan } = this
    const onRejection = (reason: unknown) =>
      this.#found(new Violation(5, `nobody handled ${reason instanceof Error ? reason.stack : reason}`))
    process.on('unhandledRejection', onRejection)
    try {
      this.input.start()
      this.person.start()
      this.promoter.start()
      plan.shape.startsMs.forEach((atMs, slot) => {
        schedule.later(null, atMs, `p${slot} is started`, () => this.start(slot))
      })
      for (const fault of plan.faults) {
        if (fault.kind === 'store changed' && fault.how === 'set back') {
          schedule.later(null, Math.floor(0.6 * fault.atMs), 'the store is backed up', () => {
            this.#backUp = this.memoryStore?.dump() ?? null
          })
        }
        schedule.later(null, fault.atMs, `FAULT ${JSON.stringify(fault)}`, () => applyFault(this, fault))
      }
      await schedule.run(() => this.#isOver())
      if (this.#phase !== 'stopping') throw new Violation(8, `nothing happens any more: ${this.#state()}`)
      this.#refuseRemains()
    } finally {
      process.off('unhandledRejection', onRejection)
    }
  }

  /** From the moment that nothing went wrong any more until everything was done. */
  get recoveryMs(): number {
    return this.#settledMs - this.#calmMs
  }

  /** A new life of the process, unless it lives. */
  start(slot: number): void {
    if (this.#phase === 'stopping' || this.processes[slot]?.isAlive) return
    const { seed, shape } = this.plan
    const { schemas } = this.#parts
    this.#lives[slot] = (this.#lives[slot] ?? 0) + 1
    this.processes[slot] = new SimulatedProcess(slot, this.#lives[slot], {
      cluster: this.cluster,
      schedule: this.schedule,
      troubles: this.troubles,
      settings: this.deployments[slot % this.deployments.length],
      registry: schemas.registry,
      snapshots: slot % this.deployments.length === 0 ? this.#store : null,
      schema: schemas.text,
      encodeAnomaly: schemas.encodeAnomaly,
      pace: shape.pace,
      seed,
      onFenced: () => {
        this.fenced++
      },
      onUnexpected: (what) => this.#found(new Violation(5, what)),
    })
  }

  /** The store as it was when a back-up was last made of it. */
  restoreStore(): void {
    if (this.#backUp !== null) this.memoryStore?.restore(this.#backUp)
  }

  /** The log forgets events that have been dealt with. */
  retainInput(): void {
    const { input } = this.settings.topics
    const observer = this.#observer()
    void Promise.all(this.deployments.map((of) => observer.committed(of.name, input))).then((all) => {
      for (const partition of this.cluster.existing(input).partitions.keys()) {
        const least = Math.min(...all.map((positions) => positions.get(partition) ?? 0))
        this.cluster.partition({ topic: input, partition }).deleteBefore(least)
      }
    })
  }

  /** The log forgets updates that have been folded. */
  retainUpdates(): void {
    for (const { name: of, topics } of this.deployments) {
      const topic = topics.modelUpdates
      if (this.cluster.topic(topic) === undefined) continue
      void this.#observer()
        .committed(`${of}.train`, topic)
        .then((positions) => this.cluster.partition({ topic, partition: 0 }).deleteBefore(positions.get(0) ?? 0))
    }
  }

  #observer(): MemoryClient {
    const atOnce: Wire = async (_, deliver) => deliver()
    return this.cluster.client(atOnce)
  }

  #found(violation: Violation): void {
    this.#violation ??= violation
  }

  /** Asked after every step: looks at the world, and says whether all is done. */
  #isOver(): boolean {
    if (this.#violation !== null) throw this.#violation
    this.oracle.look()
    for (const process of this.processes) {
      process?.refuseUncommitted(this.oracle.allVersions[process.slot % this.deployments.length])
      if ((process?.actor.waiting ?? 0) > mostWaiting) {
        throw new Violation(7, `${process.name} must wait for at most ${mostWaiting} things: ${process.actor.waiting}`)
      }
    }
    if (this.#parts.trace.count > mostSteps)
      throw new Violation(8, `the world must come to rest within ${mostSteps} steps`)
    switch (this.#phase) {
      case 'faults':
        if (this.input.isOver && this.person.isOver && this.promoter.isOver && this.#faultsAreOver())
          this.#begin('calm', () => this.#calm())
        return false
      case 'calm':
        // One that was still stopping when all became calm comes back, too.
        for (const slot of this.plan.shape.startsMs.keys()) this.start(slot)
        if (this.#isSettled()) this.#begin('stopping', () => this.#stopAll())
        else if (this.schedule.nowMs > this.#phaseSinceMs + calmMs) {
          throw new Violation(8, `all must be done ${calmMs} ms after the last fault: ${this.#state()}`)
        }
        return false
      case 'stopping':
        return this.#haveAllStopped()
    }
  }

  /** As a step like others: nothing else happens before all that comes of it has. */
  #begin(phase: 'calm' | 'stopping', act: () => void): void {
    this.#phase = phase
    this.#phaseSinceMs = this.schedule.nowMs
    this.#settledMs = this.schedule.nowMs
    if (phase === 'calm') this.#calmMs = this.schedule.nowMs
    this.schedule.later(null, 0, `NOW ${phase}`, act)
  }

  #faultsAreOver(): boolean {
    const last = this.plan.faults.at(-1)
    const lastStart = Math.max(...this.plan.shape.startsMs)
    return this.schedule.nowMs >= Math.max(lastStart, last === undefined ? 0 : last.atMs)
  }

  /** Nothing goes wrong any more: everything is back, and whoever stood still goes on. */
  #calm(): void {
    this.troubles.end()
    for (const process of this.processes) process?.wake()
  }

  #isSettled(): boolean {
    const { assignments, deadLetters } = this.oracle.outcomes
    const { allVersions, handOvers } = this.oracle
    if (assignments + deadLetters < this.input.count) return false
    if (this.oracle.undecided() !== null) return false
    if (allVersions.some((versions) => versions.newest?.version !== versions.updates + 1)) return false
    const { promotion } = handOvers
    const partitions = [...this.cluster.existing(inputTopic).partitions.keys()]
    const isHandedOver = (partition: number) => handOvers.primaryOf(partition) === promotion?.deployment
    if (promotion !== null && !partitions.every(isHandedOver)) return false
    if (!this.#isSnapshotLevel()) return false
    const states = this.processes.map(({ service, stopping }) =>
      stopping === 'no' ? service.health.report().state : '',
    )
    if (states.some((state) => state !== 'serving')) return false
    if (this.#lag === 'unknown') {
      this.#lag = 'asked'
      void this.#hasLag().then((hasLag) => {
        this.#lag = hasLag ? 'unknown' : 'zero'
      })
    }
    return this.#lag === 'zero'
  }

  #isSnapshotLevel(): boolean {
    if (this.memoryStore === null) return true
    const newest = this.memoryStore.newest(name)
    return newest !== null && !newest.isDamaged && newest.snapshot.version === this.oracle.versions.newest?.version
  }

  /** Of the updates, markers behind the last one do not count: the trainer commits with a version, and they make none. */
  async #hasLag(): Promise<boolean> {
    const observer = this.#observer()
    for (const [i, { name: of, topics }] of this.deployments.entries()) {
      const lag = await lagOf(observer, of, topics.input)
      const folded = await observer.committed(`${of}.train`, topics.modelUpdates)
      const isBehind = (folded.get(0) ?? 0) < this.oracle.allVersions[i].updatesEnd
      if (isBehind || [...lag.values()].some((events) => events > 0)) return true
    }
    return false
  }

  #stopAll(): void {
    for (const process of this.processes) process.stop()
  }

  /** Also what a zombie left open is aborted, and every partition has heard of it. */
  #haveAllStopped(): boolean {
    const busy = this.processes.filter(({ isAlive, isIdle, stopping }) => stopping === 'no' || isAlive || !isIdle)
    const undecided = this.oracle.undecided()
    if (this.schedule.nowMs > this.#phaseSinceMs + stopMs) {
      const left = busy.map(({ name: process, actor }) => `${process} has ${actor.waiting} steps before it`)
      const what = [...left, undecided ?? 'no transaction is open'].join(', ')
      throw new Violation(7, `${stopMs} ms after all were stopped nothing must be left to do: ${what}`)
    }
    return busy.length === 0 && undecided === null
  }

  /** What must be when all has been stopped. */
  #refuseRemains(): void {
    const { outcomes, allVersions, handOvers } = this.oracle
    for (const { name: process, stopping } of this.processes) {
      if (stopping !== 'done') throw new Violation(8, `${process} must stop within its deadline: ${stopping}`)
    }
    outcomes.refuseMissing()
    handOvers.refuseOthers()
    const valid = this.input.partitions.flat().filter(({ isVoid, reason }) => !isVoid && reason === null).length
    for (const versions of allVersions) {
      versions.refuseUnanswered(this.settings.reactions)
      const learned = versions.newest?.scorer.model.trainedEvents ?? 0
      if (versions.newest === null || learned === valid) continue
      throw new Violation(3, `a model must have learned each of ${valid} events once: it has learned ${learned}`)
    }
  }

  #state(): string {
    const { assignments, deadLetters } = this.oracle.outcomes
    const { newest, updates } = this.oracle.versions
    const processes = this.processes.map(
      (process) => `${process.name} ${process.actor.state} ${process.service.health.line()}`,
    )
    return [
      `${assignments + deadLetters} of ${this.input.count} events have their outcome`,
      `version ${newest?.version ?? 'none'} of ${updates + 1}`,
      `snapshot ${this.memoryStore?.newest(name)?.snapshot.version ?? 'none'}`,
      `lag ${this.#lag}`,
      this.oracle.undecided() ?? 'no transaction is open',
      ...processes,
    ].join('; ')
  }
}

/** Files take real time: the world waits for it, so that it decides nothing. */
function standingStill(store: SnapshotStore, schedule: Schedule): SnapshotStore {
  return {
    put: (snapshot, instead) => schedule.during(store.put(snapshot, instead)),
    latest: (model) => schedule.during(store.latest(model)),
    history: (model, limit) => schedule.during(store.history(model, limit)),
    read: (model, version) => schedule.during(store.read(model, version)),
    close: () => store.close(),
  }
}
