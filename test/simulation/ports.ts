/** The world as one process meets it: each port call is a request that arrives, or not, and an answer that arrives, or not. */
import type { Wire } from '../../src/adapters/memory/wire.ts'
import type { Random } from '../../src/core/kmeans/random.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import type { Clock, SchemaRegistry, SnapshotStore } from '../../src/runtime/ports.ts'
import { happens } from './draw.ts'
import { durationMs, holdUpMs, type Pace, patienceMs } from './pace.ts'
import type { Actor, Schedule, Step } from './schedule.ts'
import type { Fate, ServiceTrouble, Troubles } from './troubles.ts'

const epochMs = 1_700_000_000_000

export interface PortOptions {
  readonly actor: Actor
  readonly slot: number
  readonly schedule: Schedule
  readonly troubles: Troubles
  readonly pace: Pace
  /** The process's own, so that what one does changes nothing of another's luck. */
  readonly random: Random
}

export class Ports {
  /** How far the machine's clock is off. */
  offMs = 0
  readonly #options: PortOptions

  constructor(options: PortOptions) {
    this.#options = options
  }

  readonly wire: Wire = (request, deliver) => {
    const { troubles, slot, random } = this.#options
    const fate = troubles.fateOf(slot, request, random)
    const lost = new ShoalError('log.unavailable', `the simulator has lost the ${request}`)
    troubles.pass(slot, request, 'asking')
    const answered = async () => {
      // Of requests that arrive again, a join is the one that is not the same thing twice: there is one more seat.
      if (fate === 'delivered twice' && request === 'join') void deliver()
      const result = await deliver()
      troubles.pass(slot, request, 'answered')
      return result
    }
    // Who stands still or dies before a join has arrived has not joined: the group would take a dead member for a living one.
    return this.#ask(request, fate, lost, answered, request === 'join')
  }

  store(store: SnapshotStore): SnapshotStore {
    const { troubles } = this.#options
    const down = new ShoalError('snapshots.unavailable', 'the simulator has taken the store away')
    const ask = <T>(what: string, work: () => Promise<T>) =>
      this.#ask(`snapshots ${what}`, this.#fateAt(troubles.store), down, work, false)
    return {
      put: (snapshot, instead) => ask(`put ${snapshot.version}`, () => store.put(snapshot, instead)),
      latest: (name) => ask('latest', () => store.latest(name)),
      history: (name, limit) => ask('history', () => store.history(name, limit)),
      read: (name, version) => ask('read', () => store.read(name, version)),
      close: async () => undefined,
    }
  }

  registry(registry: Pick<SchemaRegistry, 'register' | 'lookup'>): SchemaRegistry {
    const { troubles } = this.#options
    const down = new ShoalError('registry.unavailable', 'the simulator has taken the registry away')
    const ask = <T>(what: string, work: () => Promise<T>) =>
      this.#ask(`registry ${what}`, this.#fateAt(troubles.registry), down, work, false)
    return {
      register: (subject, schema) => ask('register', () => registry.register(subject, schema)),
      lookup: (id) => ask(`lookup ${id}`, () => registry.lookup(id)),
      close: async () => undefined,
    }
  }

  readonly clock: Clock = {
    now: () => epochMs + this.#options.schedule.nowMs,
    date: () => epochMs + this.#options.schedule.nowMs + this.offMs,
    sleep: (ms, signal) => sleep(this.#options.schedule, this.#options.actor, ms, signal),
    yield: () =>
      new Promise((resolve) => {
        const { schedule, actor, pace, random } = this.#options
        schedule.later(actor, durationMs(pace, random), `${actor.name} goes on`, resolve)
      }),
  }

  #fateAt(trouble: ServiceTrouble): Fate {
    const { random } = this.#options
    if (trouble === 'is slow') return 'held up'
    if (trouble === 'is down') return happens(random, 0.7) ? 'request lost' : 'answer lost'
    return 'as usual'
  }

  #ask<T>(what: string, fate: Fate, lost: Error, deliver: () => T | Promise<T>, isSentLate: boolean): Promise<T> {
    const { schedule, actor, pace, random } = this.#options
    const { name } = actor
    const way = () => durationMs(pace, random) + (fate === 'held up' && happens(random, 0.5) ? holdUpMs(random) : 0)
    return new Promise((resolve, reject) => {
      const giveUp = () =>
        schedule.later(actor, patienceMs(random), `${name} has no answer to ${what}`, () => reject(lost))
      if (fate === 'request lost') {
        giveUp()
        return
      }
      const answer = (say: string, settle: () => void) => {
        if (fate === 'answer lost') giveUp()
        else schedule.later(actor, way(), `${name} is told ${what}${say}`, settle)
      }
      const arrive = async () => {
        try {
          const result = await deliver()
          answer('', () => resolve(result))
        } catch (error) {
          answer(`: ${error instanceof ShoalError ? error.code : error}`, () => reject(error))
        }
      }
      const sender = isSentLate || happens(random, 0.5) ? actor : null
      schedule.later(sender, way(), `${name} asks ${what}`, () => void arrive())
    })
  }
}

/** The log's own clock: nothing stalls it. */
export function worldClock(schedule: Schedule): Clock {
  return {
    now: () => epochMs + schedule.nowMs,
    date: () => epochMs + schedule.nowMs,
    sleep: (ms, signal) => sleep(schedule, null, ms, signal),
    yield: () => Promise.resolve(),
  }
}

function sleep(schedule: Schedule, actor: Actor | null, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const wake = () => {
      signal?.removeEventListener('abort', wake)
      schedule.callOff(step)
      resolve()
    }
    const step: Step = schedule.later(actor, ms, `${actor?.name ?? 'the log'} wakes after ${ms} ms`, wake)
    signal?.addEventListener('abort', wake, { once: true })
  })
}
