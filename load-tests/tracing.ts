/**
 * What tracing costs: a backlog worked off without it, with one batch in a hundred traced, and with every one, in turns in one
 * run on a real Kafka beside it. Every event has a traceparent header, as a producer that traces writes it. Spans go to a
 * receiver in this process, which throws them away.
 *
 *     node load-tests/tracing.ts [--events 1000000] [--rounds 5] [--json]
 *
 * Each round begins with another of the three. A ratio is of two runs of one round; the rate is that of committed input
 * positions, from 20 % of the events to the last.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { thisMachine } from './results.ts'
import { spreadOf } from './spread.ts'
import { openPipeline, type Run } from './throughput/pipeline.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const rounds = Number(values.rounds)
const say = (line: string) => process.stderr.write(`${line}\n`)

let receivedBytes = 0
const receiver = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    receivedBytes += chunk.length
  })
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end())
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
const sampled = (share: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
  OTEL_TRACES_SAMPLER_ARG: share,
})
const ways = [
  { way: 'off', environment: { OTEL_TRACES_EXPORTER: 'none' } },
  { way: '1 %', environment: sampled('0.01') },
  { way: '100 %', environment: sampled('1') },
]

const pipeline = await openPipeline('groups', events, say, { areTraced: true })
const found = ways.map(({ way }) => ({ way, runs: [] as Run[], bytes: 0 }))
try {
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const at = (round + turn) % ways.length
      const { way, environment } = ways[at]
      const before = receivedBytes
      const run = await pipeline.run(`tracing-${round}-${at}`, 1, [], environment)
      found[at].runs.push(run)
      found[at].bytes += receivedBytes - before
      say(`round ${round + 1}, ${way}: ${Math.round(run.eventsPerSecond).toLocaleString('en-US')} events/s`)
    }
  }
  print()
} finally {
  receiver.close()
  await pipeline.close()
}
process.exit()

function print(): void {
  const [off] = found
  const table = found.map(({ way, runs, bytes }) => ({
    way,
    eventsPerSecond: spreadOf(
      runs.map((run) => run.eventsPerSecond),
      0,
    ),
    cpuUsPerEvent: spreadOf(
      runs.map((run) => run.cpuUsPerEvent),
      3,
    ),
    /** Of the rate without tracing. */
    ratio: spreadOf(
      runs.map((run, round) => run.eventsPerSecond / off.runs[round].eventsPerSecond),
      3,
    ),
    cpuRatio: spreadOf(
      runs.map((run, round) => run.cpuUsPerEvent / off.runs[round].cpuUsPerEvent),
      3,
    ),
    exportedBytes: bytes,
  }))
  const machine = thisMachine()
  if (values.json) return void process.stdout.write(`${JSON.stringify({ machine, events, rounds, table })}\n`)
  process.stdout.write(`${machine}; ${events.toLocaleString('en-US')} events, ${rounds} rounds, broker beside it\n`)
  for (const { way, eventsPerSecond: rate, ratio, cpuUsPerEvent: cpu, cpuRatio, exportedBytes } of table) {
    process.stdout.write(
      `${way.padEnd(6)} ${rate.median.toLocaleString('en-US')} events/s (${rate.least.toLocaleString('en-US')}–${rate.most.toLocaleString('en-US')}),` +
        ` ${ratio.median} of off (${ratio.least}–${ratio.most});` +
        ` ${cpu.median} µs CPU an event, ${cpuRatio.median} of off (${cpuRatio.least}–${cpuRatio.most}); ${exportedBytes.toLocaleString('en-US')} bytes of spans\n`,
    )
  }
}
