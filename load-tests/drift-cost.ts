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
import { OutputColumns } from '../src/adapters/memory/outputs.ts'
import { RecordColumns } from '../src/adapters/memory/record-columns.ts'
import { decodeUpdate } from '../src/core/codec/update-codec.ts'
import { observe } from '../src/core/drift/detection.ts'
import { FeatureCounter } from '../src/core/features/feature-counter.ts'
import { Random } from '../src/core/kmeans/random.ts'
import { finish } from '../src/core/kmeans/steps.ts'
import { birth } from '../src/core/model/birth.ts'
import { fences } from '../src/core/model/fences.ts'
import { fold } from '../src/core/model/fold.ts'
import type { Model } from '../src/core/model/model.ts'
import type { ModelUpdate } from '../src/core/model/update.ts'
import { freeze } from '../src/core/score/scorer.ts'
import { valueAt } from '../src/stages/records.ts'
import { scoreStage } from '../src/stages/score.ts'
import { wireHeaderBytes } from '../src/stages/wire-format.ts'
import { openReplay } from '../tools/replay/open-replay.ts'
import { median } from './drift/judge.ts'
import { mean, shown } from './quality/line.ts'
import { clouds, pointEvents, pointsOf } from './quality/mixture-stream.ts'
import { type Grid, keepResults, markdownOf, textOf } from './results.ts'

const [d, k] = [16, 64]
const batchEvents = 1000
const hourMs = 3_600_000
/** Before a state is measured: code is compiled, four days of hours are known. */
const warmUp = 100
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
const states = [
  { name: 'nothing changes', hasTimes: false, moves: false },
  { name: 'the hours of the day are known, too', hasTimes: true, moves: false },
  { name: 'a drift is open, and all goes on moving', hasTimes: true, moves: true },
]

/** Of a batch. */
interface Times {
  readonly scoreMs: number
  readonly countMs: number
  readonly detectMs: number
}

const features = Array.from({ length: d }, (_, f) => ({ field: `f${f}` }))
const { settings, world } = openReplay({ input: { format: 'json', time: null }, features, clusters: { k, seed: 1 } })
const { plan } = settings
const mixture = clouds(24, d, 1)
const born = newborn()

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
async function leastOf(state: (typeof states)[number]): Promise<readonly Times[]> {
  const all: (readonly Times[])[] = []
  for (let round = 0; round < rounds; round++) all.push(await timesOf(state))
  const least = (select: (times: Times) => number, batch: number) => Math.min(...all.map((of) => select(of[batch])))
  return all[0].map((_, batch) => ({
    scoreMs: least(({ scoreMs }) => scoreMs, batch),
    countMs: least(({ countMs }) => countMs, batch),
    detectMs: least(({ detectMs }) => detectMs, batch),
  }))
}

/** The model that learns, and the same whose drift is watched: apart, so that it can be timed. */
function newborn(): readonly Model[] {
  const n = settings.birthEvents
  const sample = Float64Array.from(Array.from({ length: n }, pointsOf(mixture, new Random(1))).flat())
  return [false, true].map((enabled) => {
    const drift = { ...settings.drift, enabled }
    const options = { ...settings, k, drift, bornAtMs: 0, bornFrom: [] }
    return finish(birth(plan, Float64Array.from(sample), n, options)).model
  })
}

async function timesOf({ hasTimes, moves }: (typeof states)[number]): Promise<readonly Times[]> {
  const draw = pointsOf(mixture, new Random(2))
  const [model, { drift }] = structuredClone(born)
  const projection = world.projection()
  let countMs = 0
  let counter = new FeatureCounter(plan, model.features.bins, fences(model))
  const { name, topics, budget, topFeatures } = settings
  const stage = scoreStage({
    ...{ name, plan, projection, topics, budget, topFeatures },
    limits: { keyBytes: Number.MAX_SAFE_INTEGER, deadLetterBytes: Number.MAX_SAFE_INTEGER },
    schemaIds: { assignment: 1, modelUpdate: 3 },
    encodeAnomaly: (value) => world.encodeAnomaly(value),
    onScored({ rows, valid, scores, eventOf, fields }) {
      const startedMs = performance.now()
      counter.add(rows, valid, scores.labels, eventOf, fields)
      countMs = performance.now() - startedMs
    },
  })
  const pointAt = (number: number) => {
    const batch = Math.floor(number / batchEvents)
    return moves && batch >= warmUp ? draw().map((value) => value + 40 * (batch % 7)) : draw()
  }
  const events = pointEvents((warmUp + batches) * batchEvents, pointAt)
  const all: Times[] = []
  let offset = 0
  for await (const piece of events.pieces()) {
    const timestamp = hasTimes ? Math.floor(offset / batchEvents) * hourMs : 0
    const records = new RecordColumns()
    for (const { key, value } of piece) records.append(key, value, timestamp)
    for (let i = 0; i < piece.length; i++) records.offset[i] = offset + i
    const batch = records.slice(0, 0, piece.length, offset, offset + piece.length)
    offset += piece.length
    const outputs = new OutputColumns()
    const scorer = freeze(model)
    counter = new FeatureCounter(plan, model.features.bins, fences(model))
    const startedMs = performance.now()
    const run = stage(scorer)
    run.score(batch, 0, batch.count, outputs)
    run.cover(batch)
    run.finish(outputs, 0)
    const scoreMs = performance.now() - startedMs - countMs
    const update = updateIn(outputs)
    fold(model, update, all.length)
    const seen = { ...model, drift }
    const foldedMs = performance.now()
    observe(seen, update, run.facts.anomalies)
    const detectMs = performance.now() - foldedMs
    all.push({ scoreMs, countMs, detectMs })
  }
  return all.slice(warmUp)
}

function updateIn(outputs: OutputColumns): ModelUpdate {
  const records = outputs.sink(settings.topics.modelUpdates, 0)
  const value = valueAt(records.slice(0, 0, records.count, 0, records.count), 0)!
  const decoded = decodeUpdate(value.subarray(wireHeaderBytes))
  if ('refused' in decoded) throw new Error(decoded.detail)
  return decoded.value
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
