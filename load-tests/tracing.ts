/**
 * What tracing costs in processor time: the whole pipeline on the embedded log without it, with one batch in a hundred traced,
 * and with every one, in turns in one process. Every event has a traceparent header, as a producer that traces writes it. Once
 * with transactions of a backlog and once with such as a stream has that is kept up with: spans are made for each of them. The
 * model has learned 600,000 events before.
 * About four minutes of one core, no servers.
 *
 *     node load-tests/tracing.ts [--events 100000] [--rounds 24] [--json]
 *
 * A ratio is of two runs of one round. What is sampled is thrown away where it would be sent. Rates on a broker vary by a tenth
 * from run to run, which hides what is looked for here.
 */
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MemoryCluster } from '../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../src/adapters/memory/registry.ts'
import { telemetry } from '../src/adapters/telemetry/telemetry.ts'
import type { Tracing } from '../src/adapters/telemetry/tracing.ts'
import { schemaText, serviceCodecs } from '../src/compose.ts'
import { inNewLog, type Model } from '../src/core/model/model.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { loadConfiguration } from '../src/runtime/configuration/load.ts'
import type { Telemetry } from '../src/runtime/ports.ts'
import { type Service, startService } from '../src/runtime/service.ts'
import { serviceSettings } from '../src/runtime/service-settings.ts'
import { prepareTopics } from '../src/runtime/topics.ts'
import { publishModel } from '../src/stages/train.ts'
import { type Grid, textOf, thisMachine } from './results.ts'
import { spreadOf } from './spread.ts'
import { jobClusters, jobFeatures, publishJob } from './throughput/job.ts'
import { type Way, ways } from './traced/ways.ts'

const partitions = 4
/** Rounds in which code is compiled. */
const warmUp = 3
const retainBytes = 512 * 1024 * 1024
const learnedEvents = 600_000

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '24' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const rounds = Number(values.rounds)

/** Events of a transaction: of a backlog, and of some thousands of events a second. */
const sizes = [10_000, 500]

const rows: {
  size: number
  way: string
  usPerEvent: ReturnType<typeof spreadOf>
  ofOff: ReturnType<typeof spreadOf>
}[] = []
setFlagsFromString('--expose-gc')
/** What the last run left is not the next one's to clear away. */
const collectGarbage: () => void = runInNewContext('gc')
const model = await learned()
for (const size of sizes) {
  const names = Object.keys(ways) as Way[]
  const taken = new Map(names.map((way) => [way, [] as number[]]))
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const way = names[(turn + warmUp + round) % names.length]
      const us = await cpuUsPerEvent(size, model, ways[way]())
      if (round >= 0) taken.get(way)!.push(us)
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${size} events a transaction: round ${round + 1} of ${rounds} `)
  }
  const off = taken.get('off')!
  for (const [way, us] of taken) {
    const ratios = us.map((each, round) => each / off[round])
    rows.push({ size, way, usPerEvent: spreadOf(us, 3), ofOff: spreadOf(ratios, 3) })
  }
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), events, rounds, rows }, null, 2)}\n`)
else process.stdout.write(`${thisMachine()}; ${events} events a run, ${rounds} rounds\n${textOf(gridOf())}\n`)
process.exit()

/** Microseconds of processor time an event, from the start of a service that finds the model to its last commit. */
async function cpuUsPerEvent(size: number, model: Model, tracing: Tracing | null): Promise<number> {
  const world = await openWorld(size, events, model)
  collectGarbage()
  const started = process.cpuUsage()
  await world.workOff(telemetry({ level: 'error', base: {}, tracing }))
  const { user, system } = process.cpuUsage(started)
  await world.close()
  return (user + system) / events
}

/** A model that is no longer young: looking after the clusters of one that is would be most of a short run. */
async function learned(): Promise<Model> {
  const world = await openWorld(sizes[0], learnedEvents, null)
  await world.workOff(telemetry({ level: 'error', base: {}, tracing: null }))
  const model = world.model()
  await world.close()
  return model
}

/** A log with so many events in it, and a first model if there is one. */
async function openWorld(size: number, count: number, first: Model | null) {
  const configuration = loadConfiguration({
    text: JSON.stringify({
      name: 'traced',
      input: { topic: 'in', time: null },
      features: jobFeatures,
      clusters: { k: jobClusters },
      worker: { maxEventsPerTransaction: size },
    }),
    env: {},
  })
  const settings = serviceSettings(configuration)
  const cluster = new MemoryCluster({ clock: systemClock, retainBytes })
  const registry = memoryRegistry()
  const feed = cluster.client()
  await publishJob(feed, registry, { topic: 'in', partitions, events: count, areTraced: true })
  if (first !== null) {
    await prepareTopics(feed, settings.topics, settings.topicPolicy)
    const id = await registry.register(`${settings.topics.models}-value`, schemaText('model'))
    await feed.publish((outputs) => publishModel(outputs, settings.topics.models, id, inNewLog(first), 0))
  }
  let service: Service | undefined
  return {
    async workOff(said: Telemetry): Promise<void> {
      const { promise: done, resolve } = Promise.withResolvers<void>()
      let committed = 0
      service = startService(settings, {
        log: cluster.client(),
        registry,
        snapshots: null,
        clock: systemClock,
        telemetry: said,
        ...serviceCodecs(configuration, settings),
        onCommitted: ({ valid }) => {
          committed += valid
          if (committed === count) resolve()
        },
      })
      await done
    },
    model: () => service!.follower.current()!.scorer.model,
    async close(): Promise<void> {
      await service?.stop()
      await feed.close()
    },
  }
}

function gridOf(): Grid {
  return {
    head: ['events a transaction', 'traced', 'µs an event', 'of off'],
    rows: rows.map(({ size, way, usPerEvent, ofOff }) => [
      size.toLocaleString('en-US'),
      way,
      `${usPerEvent.median} (${usPerEvent.least}–${usPerEvent.most})`,
      `${ofOff.median} (${ofOff.least}–${ofOff.most})`,
    ]),
  }
}
