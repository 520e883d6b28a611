/** Shoal at work on a real Kafka, events that are sent to it in an open loop, and what is looked at meanwhile. */
import { framed } from '../../src/stages/wire-format.ts'
import { freePorts } from '../../tools/stack/server.ts'
import { metricsAt } from '../metrics-page.ts'
import { cpuOf, descriptors, machineCpu, residentBytes, treeCpu } from '../process-figures.ts'
import type { ShoalProcess } from '../shoal-process.ts'
import { type JobSize, jobEvents } from '../throughput/job.ts'
import { committed, input, openPipeline, type Pipeline } from '../throughput/pipeline.ts'
import { until } from '../until.ts'
import { judgedByOffset } from './judges.ts'
import { OutcomeReader } from './outcome-reader.ts'
import { Sender } from './sender.ts'

/** The group, and what its topics begin with. */
export const group = 'bench'
/** A model has been born and the code is compiled when these have been worked off. */
const warmEvents = 300_000
/** Events that are sent over and over. */
const pool = 50_000
const startDeadlineMs = 180_000

export interface BenchOptions {
  readonly size: JobSize
  /** Processes of Shoal, each of one worker. */
  readonly replicas: number
  readonly partitions?: number
  /** What a partition of any topic keeps; unset: all. */
  readonly keptBytes?: number
  readonly say: (line: string) => void
}

/** Sums are over all replicas. */
export interface Sample {
  /** Since the bench was open. */
  readonly seconds: number
  /** Events a second since the sample before: that should have been sent, that the broker has got, whose assignments came. */
  readonly dueRate: number
  readonly sentRate: number
  readonly doneRate: number
  /** Events that the broker has and no position is behind. */
  readonly lagEvents: number
  /** Events that should have been sent and have no assignment, whoever holds them up. */
  readonly waitingEvents: number
  /** From when an event should have been sent to its assignment, of those that came since the sample before; NaN: none did. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly residentMb: number
  readonly heapMb: number
  readonly externalMb: number
  readonly descriptors: number
  /** Cores in use since the sample before. */
  readonly shoalCores: number
  readonly brokerCores: number
  /** Of whatever else: sender and reader, registry and Redis, and what has nothing to do with the measurement. */
  readonly otherCores: number
  readonly modelVersion: number
  readonly snapshotAgeSeconds: number
}

interface Totals {
  readonly atMs: number
  readonly due: number
  readonly sent: number
  readonly done: number
  readonly shoalCpu: number
  readonly brokerCpu: number
  readonly machineCpu: number
}

interface Replica {
  readonly process: ShoalProcess
  readonly port: number
}

export class Bench {
  readonly pipeline: Pipeline
  readonly sender: Sender
  readonly reader: OutcomeReader
  readonly #replicas: readonly Replica[]
  readonly #openedMs = performance.now()
  #last: Totals

  private constructor(pipeline: Pipeline, sender: Sender, reader: OutcomeReader, replicas: readonly Replica[]) {
    this.pipeline = pipeline
    this.sender = sender
    this.reader = reader
    this.#replicas = replicas
    this.#last = this.#totals()
  }

  /** Servers, a model, and code that is warm; nothing is sent yet. */
  static async open({ size, replicas: count, partitions, keptBytes, say }: BenchOptions): Promise<Bench> {
    const pipeline = await openPipeline('groups', warmEvents, say, {
      size,
      ...(partitions === undefined ? {} : { partitions }),
      ...(keptBytes === undefined ? {} : { keptBytes }),
    })
    const replicas: Replica[] = []
    try {
      for (let i = 0; i < count; i++) {
        const port = await freePorts(1)
        const environment = { SHOAL_HTTP_PORT: String(port), SHOAL_KAFKA_CLIENT_ID: `${group}-${i}` }
        replicas.push({ process: pipeline.start(group, 1, [], { port }, environment), port })
      }
      const isWarm = async () => (await committed(pipeline.log, group)) >= warmEvents
      await until(isWarm, 'the events before', startDeadlineMs)
      return await Bench.#watched(pipeline, size, replicas)
    } catch (error) {
      await endAll(pipeline, replicas)
      throw error
    }
  }

  static async #watched(pipeline: Pipeline, size: JobSize, replicas: readonly Replica[]): Promise<Bench> {
    const { log, schemaId, partitions } = pipeline
    const source = jobEvents(1, size)
    const events = Array.from({ length: pool }, () => {
      const { key, value } = source.next().value
      return { key, value: framed(schemaId ?? 0, value) }
    })
    const sender = new Sender({ log, topic: input, partitions, events })
    const firstOffsets = await Promise.all(
      Array.from({ length: partitions }, async (_, partition) => (await log.bounds({ topic: input, partition })).end),
    )
    const judge = judgedByOffset(firstOffsets)
    const outcomes = { log, topic: `${group}.assignments`, dueMs: (i: number) => sender.dueMs(i), judge }
    return new Bench(pipeline, sender, await OutcomeReader.start(outcomes), replicas)
  }

  /** Events that the broker has and no position is behind. */
  async lag(): Promise<number> {
    // First what the broker has: what is committed is never ahead of it.
    const sent = this.sender.acknowledged
    const done = await committed(this.pipeline.log, group)
    return Math.max(0, warmEvents + sent - done)
  }

  /** Events that should have been sent and have no assignment, whoever holds them up. */
  get waiting(): number {
    return this.sender.due - this.reader.judged.seen
  }

  async sample(): Promise<Sample> {
    const lagEvents = await this.lag()
    const pages = await Promise.all(this.#replicas.map(({ port }) => metricsAt(port)))
    const [before, now] = [this.#last, this.#totals()]
    this.#last = now
    const late = this.reader.takeLateness()
    const lateMs = (percent: number) => (late.count === 0 ? Number.NaN : late.percentile(percent) / 1000)
    const rate = (of: keyof Totals) => (1000 * (now[of] - before[of])) / (now.atMs - before.atMs)
    const [shoalCores, brokerCores] = [rate('shoalCpu'), rate('brokerCpu')]
    const sum = (of: (replica: Replica) => number) => this.#replicas.reduce((total, each) => total + of(each), 0)
    const told = (name: string) => pages.reduce((total, metrics) => total + metrics(name), 0)
    const newest = (name: string) => Math.max(...pages.map((metrics) => metrics(name)))
    return {
      seconds: (now.atMs - this.#openedMs) / 1000,
      dueRate: rate('due'),
      sentRate: rate('sent'),
      doneRate: rate('done'),
      lagEvents,
      waitingEvents: this.waiting,
      p50Ms: lateMs(50),
      p99Ms: lateMs(99),
      residentMb: sum(({ process }) => residentBytes(process.pid)) / 1e6,
      heapMb: told('nodejs_heap_size_used_bytes') / 1e6,
      externalMb: told('nodejs_external_memory_bytes') / 1e6,
      descriptors: sum(({ process }) => descriptors(process.pid)),
      shoalCores,
      brokerCores,
      otherCores: rate('machineCpu') - shoalCores - brokerCores,
      modelVersion: newest('shoal_model_version'),
      snapshotAgeSeconds: Date.now() / 1000 - newest('shoal_snapshot_published_timestamp_seconds'),
    }
  }

  /** Waits until all that was sent has its assignment, and its positions are committed. */
  async caughtUp(deadlineMs: number): Promise<void> {
    const isDone = async () => {
      const { seen, lost } = this.reader.judged
      return seen + lost >= this.sender.due && (await this.lag()) === 0
    }
    await until(isDone, 'the assignments of all events', deadlineMs)
  }

  async close(): Promise<void> {
    await this.sender.stop().catch(() => undefined)
    await this.reader.stop().catch(() => undefined)
    await endAll(this.pipeline, this.#replicas)
  }

  #totals(): Totals {
    const { broker } = this.pipeline
    return {
      atMs: performance.now(),
      due: this.sender.due,
      sent: this.sender.acknowledged,
      done: this.reader.judged.seen,
      shoalCpu: this.#replicas.reduce((sum, { process }) => sum + treeCpu(process.pid), 0),
      brokerCpu: cpuOf(broker),
      machineCpu: machineCpu(),
    }
  }
}

async function endAll(pipeline: Pipeline, replicas: readonly Replica[]): Promise<void> {
  const ended = await Promise.allSettled(replicas.map(({ process }) => process.stop()))
  await pipeline.close()
  for (const each of ended) if (each.status === 'rejected') throw each.reason
}
