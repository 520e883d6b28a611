/** Processes that come and go, in order and without. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { createTopics, withAdmin } from '../kafka-admin.ts'
import { until } from '../pipeline/harness.ts'
import { type ShoalProcess, startShoal } from '../stack/shoal-process.ts'
import type { Rig } from './rig.ts'

/** Starting takes a while; what is measured begins when the new process is a member. */
export async function comeOne(rig: Rig, environment: Readonly<Record<string, string>> = {}): Promise<ShoalProcess> {
  const { crew } = rig
  let newcomer: ShoalProcess | undefined
  await rig.inject('a process comes', async () => {
    newcomer = await crew.start({ environment })
    await crew.settled()
    return undefined
  })
  return newcomer!
}

/** The one that has been there longest leaves in order. */
export async function goOne(rig: Rig): Promise<void> {
  const [oldest] = rig.crew.live
  await rig.inject(
    'a process leaves in order',
    async () => {
      rig.crew.ask(oldest)
      return undefined
    },
    'handover',
  )
  expect((await oldest.ended).code, 'exit code of a process that leaves in order').toBe(0)
  await rig.crew.settled()
}

/** 1 → 3 → 1. */
export async function growAndShrink(rig: Rig, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const { crew } = rig
  askAllButOne(rig, 'SIGTERM')
  await crew.settled()
  await rig.inject('two processes come at once', async () => {
    await crew.fill(3)
    return undefined
  })
  await rig.inject(
    `two of three processes get ${signal} at once`,
    async () => {
      askAllButOne(rig, signal)
      return undefined
    },
    signal === 'SIGTERM' ? 'handover' : 'takeover',
  )
  await crew.settled()
}

/** The youngest stays. */
function askAllButOne({ crew }: Rig, signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const process of crew.live.slice(0, -1)) {
    if (signal === 'SIGTERM') crew.ask(process)
    else process.signal(signal)
  }
}

/** One after the other, processes whose dates are wrong by a week do all the work, and one of them dies. */
export async function workWithWrongDates(rig: Rig, crewSize: number): Promise<void> {
  const { crew, wire } = rig
  const right = crew.live
  await comeOne(rig, clockWrongBy(7))
  await comeOne(rig, clockWrongBy(-7))
  for (const process of right) crew.ask(process)
  await rig.inject('only processes whose dates are a week off are left', async () => {
    await crew.settled()
    return undefined
  })
  await rig.inject(
    'SIGKILL of a trainer whose date is a week off',
    async () => {
      crew.named(wire.lastClient('train', 'EndTxn')!).signal('SIGKILL')
      return undefined
    },
    'takeover',
  )
  const [wrong] = crew.live
  await crew.fill(crewSize)
  crew.ask(wrong)
  await crew.fill(crewSize)
}

/** SIGTERM in the states in which there is no work yet: each time the process ends in order. */
export async function endWhileStarting(rig: Rig): Promise<void> {
  const nowhere = { SHOAL_KAFKA_BROKERS: '127.0.0.1:1' }
  await endIn(rig, 'there is no Kafka', nowhere, 'starting')
  const { name, input } = rig.configuration
  const elsewhere = { SHOAL_NAME: `${name}-empty`, SHOAL_INPUT_TOPIC: `${input.topic}-empty` }
  const topics = [{ topic: `${input.topic}-empty`, numPartitions: 1 }]
  await withAdmin(rig.kafka.address, (admin) => createTopics(admin, topics))
  await endIn(rig, 'it waits for a model', elsewhere, 'waiting for a model')
}

async function endIn(rig: Rig, state: string, environment: Readonly<Record<string, string>>, health: string) {
  const process = await startShoal(`${rig.configuration.name}-alone`, rig.config, 1, { environment })
  let seen = ''
  await until(
    async () => {
      seen = await process.health()
      return seen.startsWith(`not ready: ${health}`)
    },
    () => `${health}: ${seen}. It has said: ${process.said()}`,
    60_000,
  )
  await rig.inject(`SIGTERM while ${state}`, async () => {
    process.signal('SIGTERM')
    return undefined
  })
  expect((await process.ended).code, `exit code after SIGTERM while ${state}`).toBe(0)
}

const preload = pathToFileURL(join(import.meta.dirname, 'shifted-clock.ts')).href

/** What makes a process believe that it is so much later, or earlier. */
function clockWrongBy(days: number): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import ${preload}`, SHOAL_TEST_CLOCK_SHIFT_MS: String(days * 86_400_000) }
}
