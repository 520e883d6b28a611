/** The processes of a pipeline: started, struck, replaced, and looked at from outside. */
import { readFile } from 'node:fs/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { until } from '../pipeline/harness.ts'
import { type Release, type ShoalProcess, startShoal } from '../stack/shoal-process.ts'
import { MemorySamples } from './memory-samples.ts'

export interface CrewOptions {
  readonly name: string
  readonly config: string
  /** An address that no fault stands before. */
  readonly kafka: string
}

/** A first start compiles, and shares the machine with whatever else runs on it. */
const settledDeadlineMs = 120_000
const sampleEveryMs = 500

export class Crew {
  readonly #options: CrewOptions
  readonly #live = new Map<string, ShoalProcess>()
  readonly #asked = new Set<ShoalProcess>()
  readonly memory = new MemorySamples()
  readonly #admin: Admin
  readonly #sampling: NodeJS.Timeout
  #started = 0

  constructor(options: CrewOptions) {
    this.#options = options
    const { name, kafka } = options
    this.#admin = new Kafka({ clientId: `${name}-crew`, brokers: kafka.split(','), logLevel: logLevel.NOTHING }).admin()
    this.#sampling = setInterval(() => void this.#sample(), sampleEveryMs)
  }

  /** Those that have not ended. */
  get live(): readonly ShoalProcess[] {
    return [...this.#live.values()]
  }

  named(client: string): ShoalProcess {
    const found = this.#live.get(client)
    if (found === undefined) throw new Error(`${client} must live: only ${[...this.#live.keys()].join(', ')} do`)
    return found
  }

  async start(release: Release = {}): Promise<ShoalProcess> {
    const { name, config } = this.#options
    const started = await startShoal(`${name}-${++this.#started}`, config, 1, release)
    this.#live.set(started.name, started)
    void started.ended.then(() => this.#live.delete(started.name))
    return started
  }

  /** Starts as many as are missing, and waits until they share the work. */
  async fill(count: number): Promise<void> {
    // Whoever was asked to end does not count, though it may still be there.
    while (this.live.filter((process) => !this.#asked.has(process)).length < count) await this.start()
    await this.settled()
  }

  /** Waits until both groups consist of the living and no one else. */
  async settled(): Promise<void> {
    const { name } = this.#options
    await this.#admin.connect()
    let seen = ''
    await until(
      async () => {
        const { groups } = await this.#admin.describeGroups([name, `${name}.train`])
        const members = groups.map(({ state, members: its }) => ({ state, names: its.map((m) => m.clientId).sort() }))
        seen = JSON.stringify(members)
        const wanted = [...this.#live.keys()].sort().join()
        return members.every(({ state, names }) => state === 'Stable' && names.join() === wanted)
      },
      () => `both groups stable with ${[...this.#live.keys()].join(' and ')}: ${seen}. ${this.said()}`,
      settledDeadlineMs,
    )
  }

  /** The last that each has said. */
  said(): string {
    return this.live.map((process) => `${process.name} has said:\n${process.said()}`).join('\n')
  }

  /** Asks a process to end in order, once: asked again it would not wait. */
  ask(process: ShoalProcess): void {
    if (this.#asked.has(process)) return
    this.#asked.add(process)
    process.signal('SIGTERM')
  }

  /** Asks all to end in order; gives their exit codes. */
  async end(): Promise<readonly (number | null)[]> {
    const ending = this.live
    for (const process of ending) this.ask(process)
    return Promise.all(ending.map(async ({ ended }) => (await ended).code))
  }

  async close(): Promise<void> {
    clearInterval(this.#sampling)
    const ending = this.live
    for (const process of ending) process.signal('SIGKILL')
    await Promise.all(ending.map(({ ended }) => ended))
    await this.#admin.disconnect()
  }

  async #sample(): Promise<void> {
    for (const { name, pid } of this.live) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
      if (kibibytes !== undefined) this.memory.add(name, Math.round(Number(kibibytes) / 1024))
    }
  }
}
