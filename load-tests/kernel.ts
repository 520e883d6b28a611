/**
 * Events per second of the nearest-centroid kernel and of the mixture score, by the vector unit and without it, beside the
 * plain double loop in the same run, in turns, so that a busy machine slows all: in batches of 1,000, and one by one. About a
 * minute; one core.
 *
 *     node load-tests/kernel.ts [--rounds 12] [--ms 250] [--json]
 *
 * --ms: how long each loop runs in a round.
 */
import { parseArgs } from 'node:util'
import { vectorSoften } from '../src/core/kernel/vector-mixture.ts'
import { blockedNearest, nearest, plainNearest } from '../src/core/kmeans/nearest.ts'
import { Random } from '../src/core/kmeans/random.ts'
import { emptyStatistics } from '../src/core/model/statistics.ts'
import { blockedSoften, freezeMixture } from '../src/core/score/mixture.ts'
import { textOf, thisMachine } from './results.ts'
import { type Spread, spreadOf } from './spread.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    ms: { type: 'string', default: '250' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const roundMs = Number(values.ms)
const shapes = [
  { d: 8, k: 16 },
  { d: 16, k: 64 },
  { d: 64, k: 256 },
]
const batches = [1000, 1]

type Kernel = typeof nearest

/** Of one shape, in batches of so many rows. */
export interface KernelFigures {
  readonly d: number
  readonly k: number
  readonly batch: number
  readonly eventsPerSecond: Readonly<Record<string, Spread>>
  readonly ratios: Readonly<Record<'nearest to plain' | 'blocked to plain' | 'mixture to blocked', Spread>>
}

/** As the score takes them: by the vector unit where it can. */
function soften(...args: Parameters<typeof blockedSoften>): void {
  if (!vectorSoften(...args)) blockedSoften(...args)
}

/** Events per second over at least `roundMs` of whole batches. */
function eventsPerSecond(run: () => void, batch: number): number {
  const start = performance.now()
  const atOnce = Math.ceil(1000 / batch)
  let runs = 0
  let elapsed = 0
  do {
    for (let i = 0; i < atOnce; i++) run()
    runs += atOnce
    elapsed = performance.now() - start
  } while (elapsed < roundMs)
  return (runs * batch * 1000) / elapsed
}

function measure(d: number, k: number, batch: number): KernelFigures {
  const random = new Random(1)
  const gaussians = (length: number) => Float64Array.from({ length }, () => random.gaussian())
  const rows = gaussians(batch * d)
  const centroids = gaussians(k * d)
  const inverseScale = new Float64Array(d).fill(0.9)
  const places = { ...emptyStatistics(k, d), weight: new Float64Array(k).fill(1000 / k), mean: centroids }
  places.m2.fill(1000 / k)
  const mixture = freezeMixture(places, new Float64Array(d), inverseScale)
  const work = () => ({ labels: new Int32Array(batch), values: new Float64Array(batch), sums: new Float64Array(batch) })
  const nearestBy = (kernel: Kernel) => {
    const out = work()
    return { out, run: () => kernel(rows, batch, d, centroids, k, inverseScale, out.labels, out.values) }
  }
  const softBy = (kernel: typeof blockedSoften) => {
    const out = work()
    return { out, run: () => kernel(mixture, rows, batch, out.labels, out.values, out.sums) }
  }
  const contenders = {
    nearest: nearestBy(nearest),
    'nearest, blocked': nearestBy(blockedNearest),
    'nearest, plain': nearestBy(plainNearest),
    mixture: softBy(soften),
    'mixture, blocked': softBy(blockedSoften),
  }
  type Name = keyof typeof contenders
  const names = Object.keys(contenders) as Name[]
  const rates = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (const name of names) eventsPerSecond(contenders[name].run, batch)
  for (let round = 0; round < rounds; round++) {
    for (const name of names) rates.get(name)!.push(eventsPerSecond(contenders[name].run, batch))
  }
  mustAgree(contenders.nearest.out, contenders['nearest, plain'].out)
  mustAgree(contenders['nearest, blocked'].out, contenders['nearest, plain'].out)
  mustAgree(contenders.mixture.out, contenders['mixture, blocked'].out)
  const ratio = (one: Name, other: Name) =>
    spreadOf(
      rates.get(one)!.map((rate, i) => rate / rates.get(other)![i]),
      2,
    )
  return {
    ...{ d, k, batch },
    eventsPerSecond: Object.fromEntries([...rates].map(([name, of]) => [name, spreadOf(of, 0)])),
    ratios: {
      'nearest to plain': ratio('nearest', 'nearest, plain'),
      'blocked to plain': ratio('nearest, blocked', 'nearest, plain'),
      'mixture to blocked': ratio('mixture', 'mixture, blocked'),
    },
  }
}

function mustAgree(one: { labels: Int32Array; values: Float64Array }, other: typeof one): void {
  const differs = one.labels.some((label, i) => label !== other.labels[i] || one.values[i] !== other.values[i])
  if (differs) throw new Error('two loops disagree')
}

const found = shapes.flatMap(({ d, k }) => batches.map((batch) => measure(d, k, batch)))
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), rounds, found }, null, 2)}\n`)
else report()

function report(): void {
  const shown = ({ median, least, most }: Spread) => [median, least, most].map((value) => value.toLocaleString('en-US'))
  const text = (spread: Spread) => {
    const [median, least, most] = shown(spread)
    return `${median} (${least} to ${most})`
  }
  const rows = found.flatMap(({ d, k, batch, eventsPerSecond: rates, ratios }) =>
    Object.entries({ ...rates, ...ratios }).map(([name, spread], i) => [
      i === 0 ? `d ${d}, k ${k}, batches of ${batch.toLocaleString('en-US')}` : '',
      name,
      text(spread),
    ]),
  )
  const head = ['', 'loop, or one to another', 'events a second, or how many times as many']
  process.stdout.write(`${thisMachine()}; medians (least to most) of ${rounds} rounds\n${textOf({ head, rows })}\n`)
}
