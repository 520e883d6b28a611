/**
 * How many events a second one process takes: the highest rate at which latency and lag hold what is asked of them, for events and
 * models of several sizes. Found by doubling and bisection, each rate tried in an open loop.
 * node load-tests/capacity.ts [--sizes 8:16,8:16:1000,8:256,32:16,64:256] [--p99 500] [--lag 1] [--probe 10] [--precision 0.1] [--keep] [--json]
 *
 * A size is columns:clusters:bytes of an event's Avro (left out: as the 12 fields take, about 100). `--p99` in ms from when an
 * event should have been sent to its assignment; `--lag` in seconds of the rate. Sender, reader, broker and Shoal share the
 * machine: what a processor of its own would take is the events a second over the cores in use.
 */
import { parseArgs } from 'node:util'
import { Bench } from './open-loop/bench.ts'
import { type Capacity, findCapacity } from './open-loop/capacity.ts'
import { onInterrupt } from './open-loop/interrupt.ts'
import { type Grid, keepRun, markdownOf, textOf, thisMachine } from './results.ts'
import { type JobSize, jobEvents } from './throughput/job.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '8:16,8:16:1000,8:256,32:16,64:256' },
    p99: { type: 'string', default: '500' },
    lag: { type: 'string', default: '1' },
    probe: { type: 'string', default: '10' },
    first: { type: 'string', default: '20000' },
    precision: { type: 'string', default: '0.1' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const targets = { p99Ms: Number(values.p99), lagSeconds: Number(values.lag) }
const [probeSeconds, firstRate, precision] = [values.probe, values.first, values.precision].map(Number)
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Found extends Capacity {
  readonly size: JobSize
  readonly eventBytes: number
}

const interrupted = onInterrupt(say)
const found: Found[] = []
for (const size of values.sizes.split(',').map(sizeOf)) {
  if (interrupted.aborted) break
  const eventBytes = jobEvents(1, size).next().value.value.length
  say(`${size.columns} columns, ${size.clusters} clusters, ${eventBytes} bytes`)
  const bench = await Bench.open({ size, replicas: 1, say })
  try {
    found.push({
      size,
      eventBytes,
      ...(await findCapacity(bench, { targets, firstRate, probeSeconds, precision, say, interrupted })),
    })
  } finally {
    await bench.close()
  }
}
await report()
process.exit()

function sizeOf(text: string): JobSize {
  const [columns, clusters, eventBytes = null] = text.split(':').map(Number)
  return { columns, clusters, eventBytes }
}

async function report(): Promise<void> {
  const grid: Grid = {
    head: [
      'columns',
      'clusters',
      'bytes',
      'events a second',
      'p50',
      'p99',
      'cores',
      'events a second of a core',
      'all else, cores',
      'MB',
      'next fails by',
    ],
    rows: found.map(({ size, eventBytes, highest, probes }) => {
      const fixed = [size.columns, size.clusters, eventBytes].map(String)
      if (highest === null) return [...fixed, 'none held', '', '', '', '', '', '', probes.at(-1)?.fails ?? '']
      const { rate, sample } = highest
      const next = probes.filter((probe) => probe.fails !== null).toSorted((a, b) => a.rate - b.rate)[0]
      const ms = [sample.p50Ms, sample.p99Ms].map((value) => `${value.toFixed(0)} ms`)
      const cores = [sample.shoalCores.toFixed(2), shown(sample.doneRate / sample.shoalCores)]
      return [
        ...fixed,
        shown(rate),
        ...ms,
        ...cores,
        sample.otherCores.toFixed(2),
        sample.residentMb.toFixed(0),
        next?.fails ?? '',
      ]
    }),
  }
  const asked =
    `Asked for: 99 of 100 assignments within ${targets.p99Ms} ms of when their event should have been sent, and no more events waiting than come in ` +
    `${targets.lagSeconds} s. Each rate was tried for ${probeSeconds} s; the next higher one tried failed by what the last column says.`
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), targets, found }, null, 2)}\n`)
  else process.stdout.write(`${thisMachine()}\n${textOf(grid)}\n${asked}\n`)
  if (!values.keep) return
  const parts = [asked, markdownOf(grid), 'Sender, reader, broker and Shoal shared the machine.']
  say(
    `kept in ${await keepRun('capacity', 'What one process takes', { parts, pictures: [], figures: { targets, found } })}`,
  )
}

function shown(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
