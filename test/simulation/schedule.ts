/**
 * Virtual time and the order of all things. Whatever a simulated process asks of the world is a step, and steps are
 * taken one at a time: the next is taken when the one before has had all its consequences (no microtask is left). Steps of the
 * same millisecond are taken in an order that the seed decides. Nothing else happens, so a seed is a history.
 */
import { Random } from '../../src/core/kmeans/random.ts'
import { StepQueue } from './step-queue.ts'
import type { Trace } from './trace.ts'

/** Somebody whose steps can be held back, or never come: a process. */
export class Actor {
  readonly name: string
  state: 'running' | 'stalled' | 'gone' = 'running'
  /** Steps that came due while it was stalled. */
  held: Step[] = []
  /** Steps that are to come. */
  waiting = 0

  constructor(name: string) {
    this.name = name
  }
}

export interface Step {
  atMs: number
  tie: number
  readonly label: string
  /** Null: the world itself, which nothing holds up. */
  readonly actor: Actor | null
  readonly act: () => void
  isOff: boolean
}

/** Turns that are put into the event loop at once: one at a time costs a round of the loop each. */
const turnsAtOnce = 64

export class Schedule {
  /** Since the world began. */
  nowMs = 0
  readonly trace: Trace
  readonly #random: Random
  readonly #queue = new StepQueue()
  /** Real work (files) that the world waits for, standing still. */
  #underWay = 0

  constructor(seed: number, trace: Trace) {
    this.#random = new Random(seed)
    this.trace = trace
  }

  /** Steps that are to come, those of the stalled included. */
  get pending(): number {
    return this.#queue.length
  }

  /** Takes a step later. Nothing comes of those of a process that is gone by then. */
  later(actor: Actor | null, delayMs: number, label: string, act: () => void): Step {
    const step = { atMs: this.nowMs + delayMs, tie: this.#random.bits32(), label, actor, act, isOff: false }
    if (actor?.state === 'gone') return step
    if (actor !== null) actor.waiting++
    this.#queue.push(step)
    return step
  }

  callOff(step: Step): void {
    if (step.isOff) return
    step.isOff = true
    if (step.actor !== null) step.actor.waiting--
  }

  /** The process stands still from now on. */
  stall(actor: Actor): void {
    if (actor.state === 'running') actor.state = 'stalled'
  }

  /** What came due meanwhile is due now, in any order. */
  wake(actor: Actor): void {
    if (actor.state !== 'stalled') return
    actor.state = 'running'
    for (const step of actor.held.splice(0)) {
      if (step.isOff) continue
      step.atMs = this.nowMs
      step.tie = this.#random.bits32()
      this.#queue.push(step)
    }
  }

  /** The process is no more. */
  end(actor: Actor): void {
    actor.state = 'gone'
    actor.held = []
    actor.waiting = 0
  }

  /** The world stands still until the work is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#underWay++
    try {
      return await work
    } finally {
      this.#underWay--
    }
  }

  /** Takes steps until `isOver`, which is asked after each with all its consequences. Rejects with what it throws. */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let over = false
      const turn = () => {
        if (over || this.#underWay > 0) return
        try {
          over = isOver() || !this.#takeStep()
          if (over) resolve()
        } catch (error) {
          over = true
          reject(error)
        }
      }
      const go = () => {
        for (let i = 0; i < turnsAtOnce; i++) setImmediate(turn)
        setImmediate(() => {
          if (!over) go()
        })
      }
      go()
    })
  }

  /** False when there is none left. */
  #takeStep(): boolean {
    for (;;) {
      const step = this.#queue.pop()
      if (step === undefined) return false
      const { actor } = step
      if (step.isOff || actor?.state === 'gone') continue
      this.nowMs = Math.max(this.nowMs, step.atMs)
      if (actor?.state === 'stalled') {
        actor.held.push(step)
        continue
      }
      step.isOff = true
      if (actor !== null) actor.waiting--
      this.trace.say(this.nowMs, step.label)
      step.act()
      return true
    }
  }
}
