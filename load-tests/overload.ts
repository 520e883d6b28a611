/**
 * Twice of what Shoal takes, for a minute, and then what is usual again: lag grows, memory does not, nothing is lost, and the lag
 * goes back to what it was.
 * node load-tests/overload.ts [--for 1m] [--times 2] [--usual 0.5] [--clusters 256] [--columns 32] [--capacity RATE] [--probe 10] [--keep] [--json]
 *
 * The capacity is the highest rate at which no more waits than comes in a second, whatever the latency; it is found first (see
 * capacity.ts), each rate tried for the seconds of --probe, unless it is given. Usual is that share of it. 256 clusters of 32 columns, so that Shoal is what is overloaded, and
 * not the sender, the reader and the broker on the same machine: what was sent is in the report. Ctrl-C ends it in order.
 */
import { parseArgs } from 'node:util'
import { durationMs } from '../src/cli/options.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { plate } from '../tools/pictures/plate.ts'
import { type Accounts, accountsOf, accountsText, areRight, openCounter } from './open-loop/accounts.ts'
import { Bench, type Sample } from './open-loop/bench.ts'
import { findCapacity } from './open-loop/capacity.ts'
import { onInterrupt } from './open-loop/interrupt.ts'
import { latencyDrawn, memoryDrawn } from './open-loop/plots.ts'
import { progressHead, progressLine } from './open-loop/progress.ts'
import { type Drawn, overTime } from './over-time.ts'
import { type Grid, keepRun, markdownOf, textOf, thisMachine } from './results.ts'
import { medianOf } from './theil-sen.ts'

const everyMs = 1000
const usualMs = 20_000
const catchUpMs = 600_000
const targets = { p99Ms: Number.POSITIVE_INFINITY, lagSeconds: 1 }
const { values } = parseArgs({
  options: {
    for: { type: 'string', default: '1m' },
    times: { type: 'string', default: '2' },
    usual: { type: 'string', default: '0.5' },
    clusters: { type: 'string', default: '256' },
    columns: { type: 'string', default: '32' },
    capacity: { type: 'string' },
    probe: { type: 'string', default: '10' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const [times, usual, clusters, columns] = [values.times, values.usual, values.clusters, values.columns].map(Number)
const forMs = durationMs(values.for)
const say = (line: string) => process.stderr.write(`${line}\n`)

type Phase = 'usual, before' | 'overload' | 'catching up' | 'usual, after'
type Phased = Sample & { readonly phase: Phase }

/** What it prints as JSON. */
export interface Overload {
  readonly capacity: number
  readonly times: number
  readonly usual: number
  readonly clusters: number
  readonly columns: number
  readonly catchUpSeconds: number
  readonly accounts: Accounts
  readonly samples: readonly Phased[]
}

const interrupted = onInterrupt(say)
const bench = await Bench.open({ size: { columns, clusters, eventBytes: null }, replicas: 1, say })
const samples: Phased[] = []
let capacity = Number(values.capacity ?? Number.NaN)
let beganSeconds = 0
let accounts: Accounts
try {
  if (Number.isNaN(capacity)) {
    const options = { targets, firstRate: 20_000, probeSeconds: Number(values.probe), precision: 0.1, say, interrupted }
    const { highest } = await findCapacity(bench, options)
    if (highest === null) throw new Error('no rate held what is asked: see load-tests/capacity.ts')
    capacity = highest.rate
  }
  say(`${times} times ${shown(capacity)} events a second for ${values.for}\n${progressHead}`)
  beganSeconds = (await bench.sample()).seconds
  await run('usual, before', usual * capacity, (elapsedMs) => elapsedMs >= usualMs)
  const calm = medianOf(samples.map(({ waitingEvents }) => waitingEvents))
  await run('overload', times * capacity, (elapsedMs) => elapsedMs >= forMs)
  // No more than comes in a second, or than is usual.
  const isBack = (elapsedMs: number) =>
    samples[samples.length - 1].waitingEvents <= Math.max(2 * calm, usual * capacity) || elapsedMs >= catchUpMs
  await run('catching up', usual * capacity, isBack)
  await run('usual, after', usual * capacity, (elapsedMs) => elapsedMs >= usualMs)
  await bench.sender.stop()
  await bench.caughtUp(catchUpMs)
  accounts = await accountsOf(bench, await openCounter(bench))
} finally {
  await bench.close()
}
await report()
process.exit(areRight(accounts) ? 0 : 1)

async function run(phase: Phase, rate: number, isOver: (elapsedMs: number) => boolean): Promise<void> {
  bench.sender.setRate(rate)
  const fromMs = performance.now()
  do {
    await systemClock.sleep(everyMs, interrupted)
    const sample = { ...(await bench.sample()), phase }
    samples.push(sample)
    say(progressLine(sample))
  } while (!isOver(performance.now() - fromMs) && !interrupted.aborted)
}

async function report(): Promise<void> {
  const of = (phase: Phase) => samples.filter((sample) => sample.phase === phase)
  const overload = of('overload')
  const seconds = (phase: Phase) =>
    samples.reduce(
      (sum, sample, i) =>
        sum + (sample.phase === phase ? sample.seconds - (samples[i - 1]?.seconds ?? beganSeconds) : 0),
      0,
    )
  const offered = medianOf(overload.map(({ sentRate }) => sentRate))
  const phases: readonly Phase[] = ['usual, before', 'overload', 'catching up', 'usual, after']
  const grid: Grid = {
    head: ['', 'seconds', 'due/s', 'sent/s', 'done/s', 'most waiting', 'p99 ms, most', 'resident MB', 'heap MB, most'],
    rows: phases.map((phase) => {
      const its = of(phase)
      const median = (figure: (sample: Sample) => number) => shown(medianOf(its.map(figure)))
      const most = (figure: (sample: Sample) => number) => shown(Math.max(...its.map(figure).filter(Number.isFinite)))
      const rates = [
        median(({ dueRate }) => dueRate),
        median(({ sentRate }) => sentRate),
        median(({ doneRate }) => doneRate),
      ]
      const levels = [most(({ waitingEvents }) => waitingEvents), most(({ p99Ms }) => p99Ms)]
      const memory = `${median(({ residentMb }) => residentMb)}, most ${most(({ residentMb }) => residentMb)}`
      return [phase, seconds(phase).toFixed(0), ...rates, ...levels, memory, most(({ heapMb }) => heapMb)]
    }),
  }
  const lines = [
    `${clusters} clusters, ${columns} columns. One process takes ${shown(capacity)} events a second; ` +
      `${shown(offered)} were sent for ${seconds('overload').toFixed(0)} s, then ${shown(usual * capacity)} again. ` +
      `No more than comes in a second waited ${seconds('catching up').toFixed(0)} s after that.`,
    accountsText(accounts),
  ]
  const catchUpSeconds = seconds('catching up')
  const figures: Overload = { capacity, times, usual, clusters, columns, catchUpSeconds, accounts, samples }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), ...figures }, null, 2)}\n`)
  else process.stdout.write(`${thisMachine()}\n${textOf(grid)}\n${lines.join('\n')}\n`)
  if (!values.keep) return
  const [first, ...rest] = lines
  const parts = [first, markdownOf(grid), ...rest]
  say(`kept in ${await keepRun('overload', 'Twice of what Shoal takes', { parts, pictures: pictures(), figures })}`)
}

function pictures() {
  const ends = samples
    .filter((sample, i) => i > 0 && samples[i - 1].phase !== sample.phase)
    .map(({ seconds }) => seconds)
  const from = beganSeconds
  const moved = samples.map((sample) => ({ ...sample, seconds: sample.seconds - from }))
  const marks = { name: 'overload begins, ends, is over', at: ends.map((seconds) => seconds - from) }
  const draw = (drawn: Drawn<Sample>) => overTime(moved, { ...drawn, marks })
  const caption = `${times} times the capacity for ${values.for}.`
  const rates = draw({
    title: 'Events a second',
    caption,
    label: 'events a second',
    lines: [
      { name: 'assigned', of: ({ doneRate }) => doneRate },
      { name: 'sent', of: ({ sentRate }) => sentRate },
    ],
  })
  const lag = draw({
    title: 'Events that wait',
    caption,
    label: 'events',
    lines: [{ name: 'waiting', of: ({ waitingEvents }) => waitingEvents }],
  })
  const memory = draw({ ...memoryDrawn, caption })
  const latency = draw({ ...latencyDrawn, caption })
  return [
    {
      name: 'lag',
      description: 'events a second, and events that wait, before, in and after the overload',
      svg: plate([rates, lag]),
    },
    {
      name: 'memory',
      description: 'memory and latency before, in and after the overload',
      svg: plate([memory, latency]),
    },
  ]
}

function shown(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
