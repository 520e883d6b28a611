/**
 * Clusters under drift beside other one-pass k-means, on the same windows of the same rows in the same scaling: Spark's rule and
 * scikit-learn's, each with every half-life, from k-means of the first window on, one batch a window.
 * node load-tests/one-pass.ts FOLDER [--seeds 3] [--json] [--keep]
 *
 * Of each the mean over windows of 1,000 rows of the mean squared distance to the clusters that had not learned them, over that of
 * k-means refitted on the window before; medians over seeds. Exit code 1 when Shoal, with the half-life that is best for the stream,
 * is above the best of the others with theirs.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { WindowRows } from '../src/cli/backtest/drift-windows.ts'
import { openTable } from '../src/cli/backtest/labelled-events.ts'
import { Recording } from '../src/cli/backtest/recording.ts'
import { openReplay } from '../tools/replay/open-replay.ts'
import { OnePass, rules } from './drift/one-pass-rules.ts'
import { mean } from './quality/line.ts'
import { driftStreams } from './quality/protocol.ts'
import { keepResults, markdownOf, textOf } from './results.ts'
import { medianOf } from './theil-sen.ts'

const halfLives = [500, 1000, 2000, 5000, 10_000]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const [folder] = positionals
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write(`the first argument must be the folder of the labelled streams: got ${folder ?? 'nothing'}\n`)
  process.exit(2)
}
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed)

/** Over the refit's, by what it was found with. */
interface Found {
  readonly name: string
  readonly ratio: number
}

interface OfStream {
  readonly stream: string
  readonly byDefault: number
  readonly shoal: readonly Found[]
  readonly others: readonly Found[]
}

const found: OfStream[] = []
for (const { name } of driftStreams) {
  if (!existsSync(join(folder, `${name}.csv.gz`))) continue
  const others = new Map<string, number[]>()
  const byDefault = await overSeeds((seed) => replayed(name, seed, null, others))
  const shoal: Found[] = []
  for (const halfLife of halfLives) {
    shoal.push({ name: named(halfLife), ratio: await overSeeds((seed) => replayed(name, seed, halfLife, null)) })
  }
  const theirs = [...others].map(([rule, ratios]) => ({ name: rule, ratio: medianOf(ratios) }))
  found.push({ stream: name, byDefault, shoal: sorted(shoal), others: sorted(theirs) })
  process.stderr.write(`${name}: ${lineOf(found.at(-1)!).join(' | ')}\n`)
}
const grid = {
  head: ['stream', 'Shoal, defaults', 'with the best half-life', 'the best of the others', 'the next'],
  rows: found.map((each) => [each.stream, ...lineOf(each)]),
}
const passed = found.every(({ shoal, others }) => shoal[0].ratio <= others[0].ratio)
if (values.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
else process.stdout.write(`${textOf(grid)}\n${passed ? 'PASS' : 'FAIL'}: no other one-pass method is nearer\n`)
if (values.keep) await keepResults('one-pass', 'Clusters under drift beside other one-pass k-means', [markdownOf(grid)])
process.exit(passed ? 0 : 1)

async function overSeeds(run: (seed: number) => Promise<number>): Promise<number> {
  const ratios: number[] = []
  for (const seed of seeds) ratios.push(await run(seed))
  return medianOf(ratios)
}

/** Shoal's ratio; `others` are given theirs, one a seed. */
async function replayed(
  name: string,
  seed: number,
  halfLife: number | null,
  others: Map<string, number[]> | null,
): Promise<number> {
  const whole = { keyColumn: null, timeColumn: null, shuffle: null, rows: null }
  const table = await openTable({
    path: join(folder, `${name}.csv.gz`),
    labelColumn: 'label',
    ignore: ['meta_*'],
    ...whole,
  })
  const features = table.numeric.map((field) => ({ field }))
  const clusters = { seed, ...(halfLife === null ? {} : { halfLifeEvents: halfLife }) }
  const { settings, run } = openReplay({ input: { format: 'json', time: null }, features, clusters })
  const d = settings.plan.columns.length
  const racing: { readonly name: string; readonly method: OnePass; readonly inertias: number[] }[] = []
  const onWindow = ({ rows, n, k, scale, isJudged }: WindowRows) => {
    if (others === null) return
    const given = { rows: rows.subarray(0, n * d), n, d, scale }
    if (racing.length === 0) {
      for (const rule of rules) {
        for (const rows of halfLives) {
          racing.push({
            name: `${rule}, ${named(rows)}`,
            method: new OnePass(rule, rows, k, given, seed),
            inertias: [],
          })
        }
      }
      return
    }
    for (const { method, inertias } of racing) {
      const inertia = method.step(given)
      if (isJudged) inertias.push(inertia)
    }
  }
  const recording = new Recording({ plan: settings.plan, warmup: 1000, truth: null, onWindow })
  const watcher = {
    version: recording.version.bind(recording),
    scored: recording.scored.bind(recording),
    anomaly: recording.anomaly.bind(recording),
    batchEnded: recording.batchEnded.bind(recording),
  }
  await run(table.events('id'), watcher)
  recording.drift.finish()
  const { windows } = recording.drift
  const refit = mean(windows.map((window) => window.refit))
  for (const each of racing) others?.set(each.name, [...(others.get(each.name) ?? []), mean(each.inertias) / refit])
  return mean(windows.map((window) => window.inertia)) / refit
}

function named(halfLife: number): string {
  return halfLife.toLocaleString('en-US')
}

function sorted(all: readonly Found[]): readonly Found[] {
  return all.toSorted((a, b) => a.ratio - b.ratio)
}

function lineOf({ byDefault, shoal, others }: OfStream): readonly string[] {
  const told = ({ name, ratio }: Found) => `${ratio.toFixed(3)} (${name})`
  return [byDefault.toFixed(3), told(shoal[0]), told(others[0]), told(others[1])]
}
