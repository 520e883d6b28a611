/**
 * What finding drift takes, beside the score stage in the same run and in turns, batch by batch. The same stream comes
 * several times, and of each batch the least time counts: the rest is what else the machine does. 16 columns, 64 clusters,
 * 1,000 events a batch; about a minute of one core.
 *
 *     node load-tests/drift-cost.ts [--batches 160] [--json] [--keep]
 *
 * The score stage is production's: JSON in, assignments and the encoded update out. The detectors are all that `observe`
 * does in the fold. Counting values by bin is what the score stage does for them, and for the summaries of the features.
 * --keep: writes load-tests/results/drift-cost.md.
 */
import { parseArgs } from 'node:util'
import { d, k, type State, type Times, timesOf } from './drift/batch-times.ts'
import { median } from './drift/judge.ts'
import { mean, shown } from './quality/line.ts'
import { type Grid, keepResults, markdownOf, textOf } from './results.ts'

const rounds = 3
/** Of batches, of which every sixteenth has more to compare. */
const blocks = 10
/** Of the score stage's time, for all detectors together. */
const mostShare = 0.05

const { values } = parseArgs({
  options: {
    batches: { type: 'string', default: '160' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const batches = Number(values.batches)

/** What the detectors find themselves in, which decides how much is to be compared. */
const states: readonly (State & { readonly name: string })[] = [
  { name: 'nothing changes', hasTimes: false, moves: false },
  { name: 'the hours of the day are known, too', hasTimes: true, moves: false },
  { name: 'a drift is open, and all goes on moving', hasTimes: true, moves: true },
]

const found: { readonly name: string; readonly blocks: readonly Times[] }[] = []
for (const state of states) found.push({ name: state.name, blocks: blocksOf(await leastOf(state)) })
const share = ({ scoreMs, detectMs }: Times) => detectMs / scoreMs
const shareWithCounts = ({ scoreMs, detectMs, countMs }: Times) => (detectMs + countMs) / scoreMs
const worst = Math.max(...found.map(({ blocks: of }) => middle(of.map(share))))
const grid: Grid = {
  head: ['µs per event', 'score stage', 'detectors', 'share', 'counting by bin', 'share of both'],
  rows: found.map(({ name, blocks: of }) => [
    name,
    spread(of.map(({ scoreMs }) => scoreMs)),
    spread(of.map(({ detectMs }) => detectMs)),
    spread(
      of.map((times) => 100 * share(times)),
      ' %',
    ),
    spread(of.map(({ countMs }) => countMs)),
    spread(
      of.map((times) => 100 * shareWithCounts(times)),
      ' %',
    ),
  ]),
}
const how = `${d} columns, ${k} clusters; median (least to most) of ${blocks} blocks of batches, least of ${rounds} rounds`
const verdict = `${worst < mostShare ? 'PASS' : 'FAIL'}: detectors at most ${shown(100 * worst, 2)} % of the score stage; asked for: below ${100 * mostShare} %`
if (values.json) process.stdout.write(`${JSON.stringify({ d, k, batches, mostShare, states: found }, null, 2)}\n`)
else process.stdout.write(`${how}\n${textOf(grid)}\n${verdict}\n`)
if (values.keep) {
  const parts = [`${how}.`, markdownOf(grid), verdict]
  process.stderr.write(`${await keepResults('drift-cost', 'What finding drift takes', parts)}\n`)
}
process.exitCode = worst < mostShare ? 0 : 1

/** Of a batch the least that it took in any round. */
async function leastOf(state: State): Promise<readonly Times[]> {
  const all: (readonly Times[])[] = []
  for (let round = 0; round < rounds; round++) all.push(await timesOf(state, batches))
  const least = (select: (times: Times) => number, batch: number) => Math.min(...all.map((of) => select(of[batch])))
  return all[0].map((_, batch) => ({
    scoreMs: least(({ scoreMs }) => scoreMs, batch),
    countMs: least(({ countMs }) => countMs, batch),
    detectMs: least(({ detectMs }) => detectMs, batch),
  }))
}

/** Sums over stretches of batches, per batch; a thousand events a batch make of ms µs an event. */
function blocksOf(times: readonly Times[]): readonly Times[] {
  const size = times.length / blocks
  return Array.from({ length: blocks }, (_, i) => {
    const of = times.slice(Math.floor(i * size), Math.floor((i + 1) * size))
    return {
      scoreMs: mean(of.map(({ scoreMs }) => scoreMs)),
      countMs: mean(of.map(({ countMs }) => countMs)),
      detectMs: mean(of.map(({ detectMs }) => detectMs)),
    }
  })
}

function middle(of: readonly number[]): number {
  return median([...of].sort((a, b) => a - b))!
}

function spread(of: readonly number[], unit = ''): string {
  return `${shown(middle(of), 2)}${unit} (${shown(Math.min(...of), 2)} to ${shown(Math.max(...of), 2)})`
}
