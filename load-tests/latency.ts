/**
 * How long an event takes from when it should have been sent to when a reader of committed records sees its assignment, at
 * fixed rates: an open loop, so that what comes late because Shoal is late counts from when it was due.
 * node load-tests/latency.ts [--rates 1000,10000,100000] [--seconds 20] [--json]
 *
 * Sender, reader, broker and Shoal share the machine. Every event counts: percentiles are of all, not of samples, to three digits.
 */
import { parseArgs } from 'node:util'
import { systemClock } from '../src/runtime/clock.ts'
import { Bench } from './open-loop/bench.ts'
import { textOf, thisMachine } from './results.ts'
import { usualJob } from './throughput/job.ts'

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

const bench = await Bench.open({ size: usualJob, replicas: 1, say })
const measured: Latencies[] = []
try {
  for (const rate of rates) {
    say(`${rate.toLocaleString('en-US')} events a second for ${seconds} s`)
    measured.push(await latenciesAt(rate))
  }
} finally {
  await bench.close()
}
report()
process.exit()

async function latenciesAt(rate: number): Promise<Latencies> {
  bench.sender.setRate(rate)
  await systemClock.sleep(1000 * seconds)
  bench.sender.setRate(0)
  await bench.caughtUp(deadlineMs)
  const late = bench.reader.takeLateness()
  const ms = (us: number) => Number((us / 1000).toFixed(1))
  const at = (percent: number) => ms(late.percentile(percent))
  return { eventsPerSecond: rate, p50Ms: at(50), p99Ms: at(99), p999Ms: at(99.9), mostMs: ms(late.max) }
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
