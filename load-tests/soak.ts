/**
 * Shoal at a steady rate for hours: whether memory, files, lag, latency and processor stay as they are, and nothing is lost or
 * twice. An open loop: latency is from when an event should have been sent to when its assignment is seen.
 * node load-tests/soak.ts [--for 30m] [--rate 20000] [--replicas 1] [--clusters 16] [--columns 8] [--partitions 4] [--every 5s] [--keep] [--json]
 *
 * `npm run soak -- --for 24h` for a day. 12-field transactions; topics keep some gigabytes, so that a disk does not grow
 * with the hours. Ctrl-C ends it earlier, in order and with what was found; once more ends it at once. Sender,
 * reader, broker and Shoal share the machine.
 */
import { parseArgs } from 'node:util'
import { durationMs } from '../src/cli/options.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { plate } from '../tools/pictures/plate.ts'
import { type Accounts, accountsOf, accountsText, areRight, openCounter } from './open-loop/accounts.ts'
import { Bench, type Sample } from './open-loop/bench.ts'
import { onInterrupt } from './open-loop/interrupt.ts'
import { latencyDrawn, memoryDrawn } from './open-loop/plots.ts'
import { progressHead, progressLine } from './open-loop/progress.ts'
import { type Drawn, overTime } from './over-time.ts'
import { type Grid, keepRun, markdownOf, textOf, thisMachine } from './results.ts'
import { medianOf } from './theil-sen.ts'
import { type Trend, trendOf } from './trend.ts'

const drainMs = 120_000
/** Of a day there are seventeen thousand samples; slopes are of all of them. */
const mostKeptSamples = 720
/** Of a partition: minutes at 20,000 events a second in four of them, which would be 500 GB a day. */
const keptBytes = 512 * 1024 * 1024
const { values } = parseArgs({
  options: {
    for: { type: 'string', default: '30m' },
    rate: { type: 'string', default: '20000' },
    replicas: { type: 'string', default: '1' },
    clusters: { type: 'string', default: '16' },
    columns: { type: 'string', default: '8' },
    partitions: { type: 'string', default: '4' },
    every: { type: 'string', default: '5s' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const [rate, replicas, clusters] = [values.rate, values.replicas, values.clusters].map(Number)
const [columns, partitions] = [values.columns, values.partitions].map(Number)
const forMs = durationMs(values.for)
const everyMs = durationMs(values.every)
const say = (line: string) => process.stderr.write(`${line}\n`)

/** What is to be flat, in its unit, with so many decimals. */
const watched: readonly (readonly [name: string, unit: string, digits: number, of: (sample: Sample) => number])[] = [
  ['resident memory', 'MB', 1, ({ residentMb }) => residentMb],
  ['heap in use', 'MB', 1, ({ heapMb }) => heapMb],
  ['memory outside of the heap', 'MB', 1, ({ externalMb }) => externalMb],
  ['open files and sockets', '', 0, ({ descriptors }) => descriptors],
  ['lag', 'events', 0, ({ lagEvents }) => lagEvents],
  ['latency, p50', 'ms', 2, ({ p50Ms }) => p50Ms],
  ['latency, p99', 'ms', 2, ({ p99Ms }) => p99Ms],
  ['processor, Shoal', 'cores', 3, ({ shoalCores }) => shoalCores],
  ['processor, broker', 'cores', 3, ({ brokerCores }) => brokerCores],
  ['processor, all else', 'cores', 3, ({ otherCores }) => otherCores],
  ['age of the snapshot', 's', 2, ({ snapshotAgeSeconds }) => snapshotAgeSeconds],
]

const interrupted = onInterrupt(say)
const bench = await Bench.open({ size: { columns, clusters, eventBytes: null }, replicas, partitions, keptBytes, say })
const samples: Sample[] = []
let accounts: Accounts
try {
  const counter = await openCounter(bench)
  say(`${rate.toLocaleString('en-US')} events a second for ${values.for}\n${progressHead}`)
  bench.sender.setRate(rate)
  await bench.sample()
  const endMs = performance.now() + forMs
  while (performance.now() + everyMs <= endMs && !interrupted.aborted) {
    await systemClock.sleep(everyMs, interrupted)
    const sample = await bench.sample()
    samples.push(sample)
    say(progressLine(sample))
  }
  await bench.sender.stop()
  await bench.caughtUp(drainMs)
  accounts = await accountsOf(bench, counter)
} finally {
  await bench.close()
}
await report()
process.exit(areRight(accounts) ? 0 : 1)

async function report(): Promise<void> {
  const trends = watched.map(([name, unit, digits, of]) => ({ name, unit, digits, ...trendOf(samples, of) }))
  const figures = {
    rate,
    replicas,
    clusters,
    columns,
    partitions,
    seconds: samples.at(-1)?.seconds ?? 0,
    trends,
    accounts,
  }
  const grid = gridOf(trends)
  const lines = [
    `${rate.toLocaleString('en-US')} events a second, ${clusters} clusters, ${columns} columns, ${partitions} partitions, ${replicas} process(es), ${hoursText()}; ` +
      `model versions ${samples[0]?.modelVersion} to ${samples.at(-1)?.modelVersion}.`,
    accountsText(accounts),
    'The slope is that of Theil and Sen over the second half, with its 95 % interval. Flat: the interval lies within a tenth of the ' +
      'level a day. Else it rises or falls where the interval leaves out 0, and where it does not, the run was too short to tell.',
  ]
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), ...figures, samples }, null, 2)}\n`)
  else process.stdout.write(`${thisMachine()}\n${textOf(grid)}\n${lines.join('\n')}\n`)
  if (!values.keep) return
  const [first, ...rest] = lines
  const parts = [first, markdownOf(grid), ...rest]
  say(
    `kept in ${await keepRun('soak', 'Shoal at a steady rate', { parts, pictures: pictures(), figures: { ...figures, samples: thinned() } })}`,
  )
}

function gridOf(
  trends: readonly (Trend & { readonly name: string; readonly unit: string; readonly digits: number })[],
): Grid {
  return {
    head: ['', 'least', 'median', 'most', 'slope an hour', '95 % interval', ''],
    rows: trends.map(({ name, unit, digits, least, median, most, perHour, verdict }) => {
      const figure = (value: number) => `${value.toFixed(digits)}`
      const slope =
        perHour === null ? ['', ''] : [figure(perHour.slope), `${figure(perHour.least)} to ${figure(perHour.most)}`]
      return [unit === '' ? name : `${name}, ${unit}`, figure(least), figure(median), figure(most), ...slope, verdict]
    }),
  }
}

/** Every so many. */
function thinned(): readonly Sample[] {
  const step = Math.ceil(samples.length / mostKeptSamples)
  return samples.filter((_, i) => i % step === 0)
}

function hoursText(): string {
  const seconds = samples.at(-1)?.seconds ?? 0
  return seconds < 5400 ? `${(seconds / 60).toFixed(1)} minutes` : `${(seconds / 3600).toFixed(1)} hours`
}

function pictures() {
  const half = medianOf(samples.map(({ seconds }) => seconds))
  const draw = (drawn: Drawn<Sample>) =>
    overTime(samples, { ...drawn, guides: [{ name: 'second half', tone: 'chance', at: { x: half } }] })
  const caption = `At ${rate.toLocaleString('en-US')} events a second.`
  const memory = draw({ ...memoryDrawn, caption })
  const latency = draw({ ...latencyDrawn, caption })
  const lag = draw({
    title: 'Lag',
    caption,
    label: 'events',
    lines: [{ name: 'lag', of: ({ lagEvents }) => lagEvents }],
  })
  const cores = draw({
    title: 'Processor',
    caption,
    label: 'cores',
    lines: [
      { name: 'Shoal', of: ({ shoalCores }) => shoalCores },
      { name: 'broker', of: ({ brokerCores }) => brokerCores },
    ],
  })
  return [
    { name: 'memory', description: 'memory and latency over the run', svg: plate([memory, latency]) },
    { name: 'lag', description: 'lag and processor over the run', svg: plate([lag, cores]) },
  ]
}
