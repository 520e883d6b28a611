/** The whole pipeline on a real Kafka that is started for it: a backlog of events, and Shoal working it off. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { confluentRegistry } from '../../src/adapters/registry/confluent-registry.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog, SchemaRegistry } from '../../src/runtime/ports.ts'
import { had, obtainAll, stopAll } from '../../tools/stack/stack.ts'
import { cpuOf, treeCpu } from '../process-figures.ts'
import { type ShoalProcess, startShoal } from '../shoal-process.ts'
import { featuresOf, type JobSize, publishJob, usualJob } from './job.ts'

export const input = 'backlog'
export const usualPartitions = 4
const deadlineMs = 180_000
const registryTimeoutMs = 10_000
/** Starting up is before it. */
const measuredFrom = 0.2

/** `cards`: the generator's transactions, with the default features. `groups`: the job of job.ts, in which nothing changes. */
export type Job = 'cards' | 'groups'

/** Throws when it is neither. */
export function jobNamed(name: string): Job {
  if (name !== 'cards' && name !== 'groups') throw new Error(`--job must be cards or groups: got ${name}`)
  return name
}

export interface Run {
  readonly processes: number
  readonly eventsPerSecond: number
  readonly cpuUsPerEvent: number
  readonly brokerUsPerEvent: number
}

/** What the environment of a process holds beside that of this one. */
type Environment = Readonly<Record<string, string>>

/** Events in a topic of their own. */
export interface Backlog {
  readonly topic: string
  readonly partitions: number
  readonly events: number
  /** Of `groups`. */
  readonly size?: JobSize
}

interface RunOptions {
  readonly nodeFlags?: readonly string[]
  readonly environment?: Environment
  /** Unset: the one that was written when the pipeline was opened. */
  readonly backlog?: Backlog
}

export interface Pipeline {
  readonly log: EventLog
  readonly kafka: string
  /** Of its input. */
  readonly partitions: number
  /** The broker's process; null: it is not ours. */
  readonly broker: number | null
  /** Of the events of `groups`; null: they are others. */
  readonly schemaId: number | null
  /** Starts Shoal as a group of its own, which must not have been one before. `http`: the keys of its API; unset: it has none. */
  start(
    name: string,
    processes: number,
    nodeFlags?: readonly string[],
    http?: object,
    environment?: Environment,
  ): ShoalProcess
  /** Writes another one. */
  fill(backlog: Backlog): Promise<void>
  /** Works a backlog off as such a group. */
  run(name: string, processes: number, options?: RunOptions): Promise<Run>
  close(): Promise<void>
}

export interface PipelineOptions {
  /** The events of `groups` have traceparent headers. */
  readonly areTraced?: boolean
  /** Of `groups`. */
  readonly size?: JobSize
  readonly partitions?: number
  /** What a partition of any topic keeps; unset: all. */
  readonly keptBytes?: number
}

/** Starts the servers and writes the backlog. */
export async function openPipeline(
  job: Job,
  events: number,
  say: (line: string) => void,
  { areTraced = false, size = usualJob, partitions = usualPartitions, keptBytes }: PipelineOptions = {},
): Promise<Pipeline> {
  const properties = keptBytes === undefined ? {} : keeping(keptBytes)
  const servers = await obtainAll({ report: say, properties, java: 'usual' })
  const folder = mkdtempSync(join(tmpdir(), 'shoal-backlog-'))
  const kafka = had(servers, 'kafka')
  const registry = had(servers, 'registry').address
  const log = kafkaLog({
    brokers: [kafka.address],
    clientId: 'backlog',
    transactionalId: `backlog-${process.pid}`,
    log: { info: () => undefined, warn: say, error: say },
    clock: systemClock,
  })
  const close = async () => {
    await log.close()
    rmSync(folder, { recursive: true })
    await stopAll(servers)
  }
  const config = (name: string, http: object = { port: null }) => {
    const path = join(folder, `${name}.yaml`)
    const settings = {
      name,
      input: { topic: input, ...(job === 'groups' ? { time: null } : {}) },
      http,
      log: { level: 'warn' },
      ...(job === 'groups' ? { features: featuresOf(size), clusters: { k: size.clusters } } : {}),
      kafka: { brokers: [kafka.address] },
      registry: { url: registry },
      redis: { url: had(servers, 'redis').address },
    }
    writeFileSync(path, JSON.stringify(settings))
    return path
  }
  /** Gives the schema's id, of `groups`. */
  const fill = async ({ topic, partitions, events, size = usualJob }: Backlog) => {
    if (job === 'groups') return publishJob(log, registryAt(registry), { topic, partitions, events, areTraced, size })
    const count = ['--count', String(events), '--partitions', String(partitions)]
    await startShoal(['produce', '-c', config('feed'), ...count], [], inputVariable(topic)).ended
    return null
  }
  const first = { topic: input, partitions, events, size }
  let schemaId: number | null = null
  try {
    schemaId = await fill(first)
  } catch (error) {
    await close()
    throw error
  }
  const broker = kafka.server?.pid ?? null
  const start: Pipeline['start'] = (name, processes, nodeFlags = [], http = undefined, environment = {}) =>
    startShoal(['run', '-c', config(name, http), '--workers', String(processes)], nodeFlags, environment)
  return {
    log,
    kafka: kafka.address,
    partitions,
    broker,
    schemaId,
    start,
    close,
    fill: async (backlog) => void (await fill(backlog)),
    run: (name, processes, { nodeFlags, environment = {}, backlog = first } = {}) => {
      const running = start(name, processes, nodeFlags, undefined, { ...environment, ...inputVariable(backlog.topic) })
      return workOff(log, name, processes, running, { broker, backlog })
    },
  }
}

function inputVariable(topic: string): Environment {
  return { SHOAL_INPUT_TOPIC: topic }
}

/** For the broker. It deletes whole segments. */
function keeping(bytes: number): Readonly<Record<string, string>> {
  return {
    'log.retention.bytes': String(bytes),
    'log.segment.bytes': String(Math.floor(bytes / 8)),
    'log.retention.check.interval.ms': '30000',
  }
}

function registryAt(url: string): SchemaRegistry {
  return confluentRegistry({ url, auth: { kind: 'none' }, tls: null, timeoutMs: registryTimeoutMs, clock: systemClock })
}

async function workOff(
  log: EventLog,
  name: string,
  processes: number,
  running: ShoalProcess,
  { broker, backlog }: { readonly broker: number | null; readonly backlog: Backlog },
): Promise<Run> {
  const total = await written(log, backlog)
  let from: Reading | null = null
  const endMs = performance.now() + deadlineMs
  try {
    for (;;) {
      const done = await committed(log, name, backlog.topic)
      const now = { at: performance.now(), done, cpu: treeCpu(running.pid), broker: cpuOf(broker) }
      if (from === null && done >= measuredFrom * total) from = now
      if (done >= total && from !== null) return runOf(processes, from, now)
      if (performance.now() > endMs) throw new Error(`${name} has not worked off the backlog within ${deadlineMs} ms`)
      await systemClock.sleep(20)
    }
  } finally {
    await running.stop()
  }
}

type Reading = { readonly at: number; readonly done: number; readonly cpu: number; readonly broker: number }

function runOf(processes: number, from: Reading, to: Reading): Run {
  const done = to.done - from.done
  return {
    processes,
    eventsPerSecond: (1000 * done) / (to.at - from.at),
    cpuUsPerEvent: (1e6 * (to.cpu - from.cpu)) / done,
    brokerUsPerEvent: (1e6 * (to.broker - from.broker)) / done,
  }
}

/** How many events the group is done with, over all partitions. */
export async function committed(log: EventLog, name: string, topic = input): Promise<number> {
  return [...(await log.committed(name, topic))].reduce((sum, [, offset]) => sum + offset, 0)
}

/** Where it ends, over all partitions. */
async function written(log: EventLog, { topic, partitions }: Backlog): Promise<number> {
  let end = 0
  for (let partition = 0; partition < partitions; partition++) end += (await log.bounds({ topic, partition })).end
  return end
}
