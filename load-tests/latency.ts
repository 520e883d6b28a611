/**
 * How long an event takes from when it should have been sent to when a reader of committed records sees its assignment, at
 * fixed rates: an open loop, so that what comes late because Shoal is late counts from when it was due.
 * node load-tests/latency.ts [--rates 1000,10000,100000] [--seconds 20] [--json]
 *
 * Sender, reader, broker and Shoal share the machine. Every event counts: percentiles are of all, not of samples.
 */
import { parseArgs } from 'node:util'
import { systemClock } from '../src/runtime/clock.ts'
import { framed } from '../src/stages/wire-format.ts'
import { textOf, thisMachine } from './results.ts'
import { jobEvents } from './throughput/job.ts'
import { committed, input, openPipeline, partitions } from './throughput/pipeline.ts'
import { until } from './until.ts'

const name = 'latency'
/** A model has been born and the code is compiled when these have been worked off. */
const warmEvents = 500_000
/** Events that are sent over and over. */
const pool = 50_000
const tickMs = 5
const deadlineMs = 60_000

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '1000,10000,100000' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
})
const rates = values.rates.split(',').map(Number)
const seconds = Number(values.seconds)
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Latencies {
  readonly eventsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly mostMs: number
}

const pipeline = await openPipeline('groups', warmEvents, say)
const { log } = pipeline
const framedEvents = [...events(pool)]
const shoal = pipeline.start(name, 1)
const measured: Latencies[] = []
try {
  await until(async () => (await committed(log, name)) >= warmEvents, 'the events before', deadlineMs)
  for (const rate of rates) {
    say(`${rate.toLocaleString('en-US')} events a second for ${seconds} s`)
    measured.push(await latenciesAt(rate))
  }
} finally {
  await shoal.stop()
  await pipeline.close()
}
report()
process.exit()

function* events(count: number): Generator<{ readonly key: Buffer; readonly value: Buffer }> {
  const source = jobEvents(1)
  for (let i = 0; i < count; i++) {
    const { key, value } = source.next().value
    yield { key, value: framed(pipeline.schemaId ?? 0, value) }
  }
}

async function latenciesAt(rate: number): Promise<Latencies> {
  const count = rate * seconds
  const perPartition = Math.ceil(count / partitions)
  const took = new Float64Array(count)
  let seen = 0
  const stop = new AbortController()
  const beganMs = performance.now() + 200
  const dueMs = (i: number) => beganMs + (1000 * i) / rate
  /** Its records are those of the input partition, in the same order. */
  const watch = async (partition: number) => {
    const at = { topic: `${name}.assignments`, partition }
    const { end } = await log.bounds(at)
    let next = 0
    for await (const batch of log.follow(at, end, stop.signal)) {
      const nowMs = performance.now()
      for (let i = 0; i < batch.count && next < perPartition; i++)
        took[seen++] = nowMs - dueMs(partitions * next++ + partition)
    }
  }
  const watching = Array.from({ length: partitions }, (_, partition) => watch(partition))
  await send(count, dueMs)
  await until(async () => seen >= count, `the assignments of ${count} events`, deadlineMs)
  stop.abort()
  await Promise.all(watching)
  const sorted = took.sort()
  const at = (share: number) => Number(sorted[Math.min(count - 1, Math.floor(share * count))].toFixed(1))
  return { eventsPerSecond: rate, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), mostMs: at(1) }
}

/** What is due goes out at every tick, whatever has come of what went before. */
async function send(count: number, dueMs: (i: number) => number): Promise<void> {
  const sending: Promise<void>[] = []
  let sent = 0
  while (sent < count) {
    const nowMs = performance.now()
    let due = sent
    while (due < count && dueMs(due) <= nowMs) due++
    const from = sent
    if (due > from) {
      sending.push(
        log.publish((outputs) => {
          for (let i = from; i < due; i++) {
            const { key, value } = framedEvents[i % pool]
            outputs.append({ topic: input, partition: i % partitions, key, value, timestamp: Date.now() })
          }
        }),
      )
    }
    sent = due
    await systemClock.sleep(tickMs)
  }
  await Promise.all(sending)
}

function report(): void {
  const machine = thisMachine()
  if (values.json) return void process.stdout.write(`${JSON.stringify({ machine, seconds, measured }, null, 2)}\n`)
  const rows = measured.map(({ eventsPerSecond, p50Ms, p99Ms, p999Ms, mostMs }) => [
    eventsPerSecond.toLocaleString('en-US'),
    ...[p50Ms, p99Ms, p999Ms, mostMs].map((ms) => `${ms} ms`),
  ])
  process.stdout.write(`${machine}\n${textOf({ head: ['events a second', 'p50', 'p99', 'p99.9', 'most'], rows })}\n`)
}
