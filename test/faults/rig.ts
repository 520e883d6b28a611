/**
 * What every fault scenario stands on. A test opens a rig, injects faults, and lets it end:
 *
 *     const rig = await openRig('what it is about', kafka, servers)      // a pipeline at work, watched by a verifier
 *     await rig.crew.fill(2)                                             // two processes that share the work
 *     await rig.inject('SIGKILL score:after:EndTxn', () => rig.strike('score:after:EndTxn', 'SIGKILL'))
 *     await rig.crew.fill(2)                                             // whoever died is replaced
 *     await rig.end()                                                    // what must hold at the end of every run
 *     await rig.close()
 *
 * All processes reach Kafka through `rig.wire`, a proxy before every broker at which traps are laid (`failpoint.ts` names
 * places in the protocol); the producer and the verifier reach it directly. `inject` waits until events that were written
 * after the fault have their outcomes, in every partition, and enters it in the ledger, which is printed at the end of
 * the run. `describeFaults` gives the suite's own broker; a scenario may bring another one: `RigKafka`.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Configuration } from '../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import {
  type Counts,
  type Injection,
  ledgerText,
  ledgerVariable,
  type Succession,
  writeChapter,
} from '../../tools/fault-ledger.ts'
import { createTopics, withAdmin } from '../kafka-admin.ts'
import { until } from '../pipeline/harness.ts'
import type { ShoalProcess } from '../stack/shoal-process.ts'
import { Crew } from './crew.ts'
import { endCheck } from './end-check.ts'
import { failpoint, isAt } from './failpoint.ts'
import type { FaultyKafka } from './kafka.setup.ts'
import { type NumberedInput, startInput } from './numbered-input.ts'
import { SnapshotWatch } from './snapshot-watch.ts'
import { Verifier } from './verifier.ts'
import { type Fate, openWire, type Passing, type Wire, type WireEnd } from './wire.ts'

/** A cluster whose clients are told the ports of the wire. */
export interface RigKafka {
  readonly name: string
  /** The brokers, for those whom no fault is to meet. */
  readonly address: string
  /** Where the wire listens, and the listener behind it, for each broker; none where nothing is to be struck: there is no wire. */
  readonly ends: readonly WireEnd[]
  /** Where transactions are open that Kafka takes for ended; absent where no broker is struck. */
  readonly forgotten?: (rig: Rig) => Promise<string>
}

/**
 * Kafka itself has called a transaction ended without ending it (docs/guarantees.md): what waits for it waits for ever, and
 * what was written in it may be visible in part. Nothing that comes after it says anything about Shoal.
 */
export class KafkaForgot extends Error {}

export interface RigServers {
  readonly registry: string
  readonly redis: string
}

export interface RigOptions {
  readonly partitions?: number
  readonly eventsPerSecond?: number
  /** More of the configuration, as lines of YAML, one top-level section a line. */
  readonly more?: string
}

/**
 * Small ones, so that the dead are found soon, though large enough for the living on a machine that is busy. The ledger's
 * limit for a takeover goes by the first.
 */
const sessionTimeoutMs = 4000
const transactionTimeoutMs = 4000
/** Longer than recovery takes where nothing was forgotten, on a machine that is not too busy. */
const forgottenAfterMs = 20_000
const forgottenEveryMs = 5_000
const recoveryDeadlineMs = 120_000
const strikeDeadlineMs = 120_000

export function brokersOf({ address, listener, port, name }: FaultyKafka): RigKafka {
  return { name, address, ends: [{ port, broker: () => listener }] }
}

/** Opens the wire, the input topic, a producer and a verifier; there are no processes yet. */
export async function openRig(
  scenario: string,
  kafka: RigKafka,
  servers: RigServers,
  { partitions = 4, eventsPerSecond = 500, more = '' }: RigOptions = {},
): Promise<Rig> {
  const name = `faults-${randomUUID().slice(0, 8)}`
  const folder = await mkdtemp(join(tmpdir(), 'shoal-faults-'))
  const wire = await openWire(kafka.ends)
  const config = join(folder, 'shoal.yaml')
  const brokers = wire.ports.length === 0 ? kafka.address : wire.ports.map((port) => `127.0.0.1:${port}`).join(', ')
  await writeFile(
    config,
    `
name: ${name}
input: { topic: ${name}-transactions }
clusters: { k: 4 }
bootstrap: { minEvents: 500 }
models: { publishEveryMs: 100, publishEveryEvents: 5000 }
worker: { maxEventsPerTransaction: 500 }
kafka:
  brokers: [${brokers}]
  sessionTimeoutMs: ${sessionTimeoutMs}
  heartbeatIntervalMs: 400
  transactionTimeoutMs: ${transactionTimeoutMs}
registry: { url: '${servers.registry}' }
redis: { url: '${servers.redis}' }
${more}
`,
  )
  const configuration = loadConfiguration({ path: config, env: {} })
  const input = { topic: configuration.input.topic, numPartitions: partitions }
  await withAdmin(kafka.address, (admin) => createTopics(admin, [input]))
  const verifier = new Verifier(configuration.fingerprint)
  await verifier.start(kafka.address, configuration)
  const crew = new Crew({ name, config, kafka: kafka.address })
  const snapshots = new SnapshotWatch(servers.redis, name)
  const parts = { folder, config, configuration, eventsPerSecond, wire, verifier, crew, snapshots }
  const rig = new Rig(scenario, kafka, servers, parts)
  rig.startInput()
  return rig
}

interface Parts {
  readonly folder: string
  readonly config: string
  readonly configuration: Configuration
  readonly eventsPerSecond: number
  readonly wire: Wire
  readonly verifier: Verifier
  readonly crew: Crew
  readonly snapshots: SnapshotWatch
}

export class Rig {
  readonly scenario: string
  readonly kafka: RigKafka
  readonly servers: RigServers
  readonly folder: string
  readonly config: string
  readonly configuration: Configuration
  readonly wire: Wire
  readonly verifier: Verifier
  readonly crew: Crew
  readonly snapshots: SnapshotWatch
  readonly #eventsPerSecond: number
  readonly #injections: Injection[] = []
  #input: NumberedInput | null = null
  #inputs = 0
  /** What had been counted when the last injection was over. */
  #counted: Counts

  constructor(scenario: string, kafka: RigKafka, servers: RigServers, parts: Parts) {
    this.scenario = scenario
    this.kafka = kafka
    this.servers = servers
    this.folder = parts.folder
    this.config = parts.config
    this.configuration = parts.configuration
    this.wire = parts.wire
    this.verifier = parts.verifier
    this.crew = parts.crew
    this.snapshots = parts.snapshots
    this.#eventsPerSecond = parts.eventsPerSecond
    this.#counted = { ...parts.verifier.counts }
  }

  /**
   * `strike` resolves when the fault has happened, with the time at which (else it is now). `succession`: whether others
   * have to take over from a process that died, or are handed its work by one that leaves in order.
   */
  async inject(fault: string, strike: () => Promise<number | undefined>, succession: Succession = null): Promise<void> {
    const atMs = (await strike()) ?? Date.now()
    const seenMs = await this.recovered(atMs, fault)
    if (this.verifier.findings.length > 0) await this.#lookTwiceForForgotten()
    const { counts } = this.verifier
    this.#injections.push({
      fault,
      recoverySeconds: (seenMs - atMs) / 1000,
      succession,
      counts: difference(counts, this.#counted),
    })
    this.#counted = { ...counts }
    // A run in full takes long: whoever waits for it sees how far it is.
    process.stderr.write(`${fault}: ${((seenMs - atMs) / 1000).toFixed(1)} s\n`)
    expect(this.verifier.findings, `after ${fault}`).toEqual([])
  }

  /** Waits until events of after `sinceMs` have their outcomes in every partition and are learned from; gives when they had. */
  async recovered(sinceMs: number, fault: string): Promise<number> {
    const { verifier } = this
    const { updates } = verifier.model
    let reached = ''
    const forgotten = this.#lookForForgotten()
    await until(
      async () => {
        if (verifier.findings.length > 0) return true
        await forgotten()
        const isLearned = verifier.model.version > updates + 1
        reached = `partitions without outcomes: ${verifier.stoppedSince(sinceMs)}; learned: ${isLearned}`
        return verifier.flowsSince(sinceMs) && isLearned
      },
      () => `recovery from ${fault}. ${reached}. ${this.crew.said()}`,
      recoveryDeadlineMs,
    )
    return Date.now()
  }

  /** What was visible of a transaction that Kafka forgot is no finding about Shoal. */
  async #lookTwiceForForgotten(): Promise<void> {
    const forgotten = this.#lookForForgotten(0)
    const endMs = Date.now() + 2 * forgottenEveryMs
    await until(
      async () => {
        await forgotten()
        return Date.now() >= endMs
      },
      () => 'what Kafka forgot',
    )
  }

  /** Looks from time to time, once recovery is late; throws when it has found the same twice. */
  #lookForForgotten(afterMs = forgottenAfterMs): () => Promise<void> {
    let nextMs = Date.now() + afterMs
    let before = ''
    return async () => {
      if (this.kafka.forgotten === undefined || Date.now() < nextMs) return
      const found = await this.kafka.forgotten(this).catch(() => '')
      if (found !== '' && found === before) throw new KafkaForgot(`Kafka has not ended what it calls ended: ${found}`)
      before = found
      nextMs = Date.now() + forgottenEveryMs
    }
  }

  /** Nothing can be said about this fault, nor about any later one of this rig. */
  isVoid(fault: string, why: KafkaForgot): void {
    console.log(`${fault}: void. ${why.message}`)
    const counts = difference(this.verifier.counts, this.#counted)
    this.#injections.push({ fault: `${fault}: void, Kafka forgot`, recoverySeconds: 0, succession: null, counts })
    this.#counted = { ...this.verifier.counts }
  }

  /** Sends the process that is the next to come to this failpoint a signal there; gives when. */
  async strike(at: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    return this.act(at, (process) => {
      if (signal === 'SIGTERM') this.crew.ask(process)
      else process.signal(signal)
      // What the dead had not sent is not sent, what it was not told it is not told.
      return signal === 'SIGKILL' ? 'cut' : 'pass'
    })
  }

  /** Does something at a failpoint, to the first that comes to it; gives when. */
  async act(at: string, act: (process: ShoalProcess, passing: Passing) => Fate | Promise<Fate>): Promise<number> {
    let atMs = 0
    const trap = this.wire.once({
      matches: isAt(failpoint(at)),
      act: (passing) => {
        atMs = Date.now()
        return act(this.crew.named(passing.client), passing)
      },
    })
    const late = AbortSignal.timeout(strikeDeadlineMs)
    const missed = new Promise<never>((_, reject) =>
      late.addEventListener('abort', () => reject(new Error(`nobody came to ${at}. ${this.crew.said()}`))),
    )
    try {
      await Promise.race([trap.caught, missed])
    } finally {
      trap.remove()
    }
    return atMs
  }

  /** Goes on with events that no earlier input had, in all the partitions that there are now. */
  startInput(): void {
    const { config, folder, kafka, verifier } = this
    const place = { config, folder, kafka: kafka.address, eventsPerSecond: this.#eventsPerSecond, seed: ++this.#inputs }
    this.#input = startInput(place, (partition, truth) => verifier.expect(partition, truth))
  }

  async stopInput(): Promise<void> {
    await this.#input?.stop()
    this.#input = null
  }

  /** Ends input and processes in order; what must hold then, holds. */
  async end(): Promise<void> {
    await this.stopInput()
    await endCheck(this)
  }

  /** Whatever still runs is ended, and the ledger written. */
  async close(): Promise<void> {
    const { crew, wire, verifier } = this
    await this.stopInput()
    await crew.close()
    await verifier.close()
    await this.snapshots.close()
    await wire.close()
    await rm(this.folder, { recursive: true })
    await this.#write()
  }

  async #write(): Promise<void> {
    const last = this.#injections.at(-1)
    const left = difference(this.verifier.counts, this.#counted)
    // Events after the last fault, and what only the end has shown.
    if (last !== undefined) this.#injections.push({ ...this.#injections.pop()!, counts: sum(last.counts, left) })
    const chapter = {
      scenario: this.scenario,
      kafka: this.kafka.name,
      sessionTimeoutSeconds: sessionTimeoutMs / 1000,
      peakMegabytes: this.crew.memory.peakMegabytes,
      growth: this.crew.memory.growth,
      versionsCompared: this.verifier.model.compared,
      injections: this.#injections,
    }
    const folder = process.env[ledgerVariable]
    if (folder === undefined) console.log(ledgerText([chapter]))
    else await writeChapter(folder, chapter)
  }
}

function difference(now: Counts, before: Counts): Counts {
  return {
    events: now.events - before.events,
    duplicates: now.duplicates - before.duplicates,
    losses: now.losses - before.losses,
    orderBreaks: now.orderBreaks - before.orderBreaks,
    wrong: now.wrong - before.wrong,
  }
}

function sum(a: Counts, b: Counts): Counts {
  return {
    events: a.events + b.events,
    duplicates: a.duplicates + b.duplicates,
    losses: a.losses + b.losses,
    orderBreaks: a.orderBreaks + b.orderBreaks,
    wrong: a.wrong + b.wrong,
  }
}
