/**
 * What an event costs in each step of the score stage, in nanoseconds: from the bytes of a fetch to those of the requests
 * that publish, one transaction after another, on the job of load-tests/throughput. About half a minute of one core, no servers.
 *
 *     node load-tests/stages.ts [--rounds 40] [--events 10000] [--json]
 *
 * "All of the stage" is the stage itself, as the worker runs it; the steps above it are parts of it, each timed in its turn
 * chunk by chunk, as the stage takes them: a step by itself, on the same rows again and again, is faster than it is there, by
 * what the processor learns of those rows. The least time is of each chunk its least over all rounds: what a quiet
 * machine would take. Shares are of it.
 */
import { parseArgs } from 'node:util'
import { OutputSet } from '../src/adapters/kafka/output-set.ts'
import { idSlot } from '../src/core/features/feature-plan.ts'
import { sampleBounds, vectorise } from '../src/core/features/vectorise.ts'
import { FieldColumns } from '../src/core/fields/fields.ts'
import { writeNumericTexts } from '../src/core/fields/numeric-text.ts'
import { nearest } from '../src/core/kmeans/nearest.ts'
import { finish } from '../src/core/kmeans/steps.ts'
import { birth } from '../src/core/model/birth.ts'
import { fences } from '../src/core/model/fences.ts'
import { fold } from '../src/core/model/fold.ts'
import type { Model } from '../src/core/model/model.ts'
import { explain, heavyClusters } from '../src/core/score/explanation.ts'
import { mixtureDistances } from '../src/core/score/mixture.ts'
import { rarityOf } from '../src/core/score/rarity.ts'
import { emptyScores, freeze, type Scorer, score } from '../src/core/score/scorer.ts'
import { appendAssignments } from '../src/stages/assignment.ts'
import { BatchStatistics } from '../src/stages/batch-statistics.ts'
import type { RecordBatch } from '../src/stages/records.ts'
import { chunkEvents } from '../src/stages/score.ts'
import { openReplay } from '../tools/replay/open-replay.ts'
import { Laps } from './laps.ts'
import { textOf } from './results.ts'
import { spreadOf } from './spread.ts'
import { fetchOf, parsed } from './throughput/fetched-events.ts'
import { jobClusters, jobFeatures } from './throughput/job.ts'
import { measuredStage } from './throughput/measured-stage.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    events: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const perTransaction = Number(values.events)
const schemaId = 1
const learnedTransactions = 5
const batchLimit = 1_000_000
/** Rounds in which code is compiled, and nothing is noted. */
const warmUp = 5
const all = 'all of the stage'
const producer = { producerId: 1n, epoch: 0 }

const opened = openReplay({
  input: { format: 'avro', time: null },
  features: jobFeatures,
  clusters: { k: jobClusters, seed: 1 },
})
const { settings } = opened
const { plan } = settings
const d = plan.columns.length
const { projection, stage } = measuredStage(opened, schemaId)
const fetched = fetchOf(perTransaction, schemaId)
const batches = parsed(fetched)
const outputs = new OutputSet(() => batchLimit, true)
const fields = new FieldColumns(chunkEvents, plan.slots)
const rows = new Float64Array(chunkEvents * d)
const eventOf = new Int32Array(chunkEvents)
const scores = emptyScores(chunkEvents)
const { budget, topFeatures } = settings
const model = learned()
const scorer = freeze(model)
const bounds = fences(model)
const context = {
  schemaId: 2,
  modelVersion: model.version,
  fingerprint: Buffer.alloc(8),
  clusterIds: model.ids,
  warmingUp: false,
}

let statistics = new BatchStatistics(model, plan, bounds, chunkEvents)
/** The parts of the stage, in its order: each leaves what the next one needs. */
const steps: Readonly<Record<string, (batch: RecordBatch, from: number, to: number) => void>> = {
  'project Avro into columns': (batch, from, to) => projection.project(batch, from, to, fields),
  'make rows of them': (batch, from, to) => void vectorise(plan, fields, batch.bytes, to - from, bounds, rows, eventOf),
  'write ids that are numbers': (_, from, to) => writeNumericTexts(fields, idSlot, to - from),
  'nearest cluster': (_, from, to) => {
    const n = to - from
    nearest(rows, n, d, scorer.centroids, scorer.k, scorer.inverseScale, scores.labels, scores.distances)
    for (let i = 0; i < n; i++) scores.distances[i] = Math.sqrt(scores.distances[i])
  },
  'distance to the mixture': (_, from, to) => {
    const { usualLabels, softDistances, logDistances } = scores
    mixtureDistances(scorer.mixture, rows, to - from, usualLabels, softDistances, logDistances)
  },
  'how rare it is': (_, from, to) => {
    for (let i = 0; i < to - from; i++) scores.rarities[i] = rarityOf(scorer.rarity, scores.logDistances[i])
  },
  'write assignments': (batch, from, to) => {
    const sink = outputs.sink('assignments', batch.partition)
    appendAssignments(sink, context, batch, from, fields, eventOf, to - from, scores)
  },
  'sum what is learned': (batch, from, to) => learn(statistics, batch, from, to),
  'explain what is anomalous': (batch, from, to) => {
    for (let i = 0; i < to - from; i++) {
      if (scores.rarities[i] > budget) continue
      const event = { fields, event: eventOf[i], bytes: batch.bytes }
      explain(scorer, plan, heavy, event, rows, i * d, scores.labels[i], topFeatures)
    }
  },
}
const heavy = heavyClusters(model.usual.places.weight)
const whole = {
  'finish the batches, with their sums': () => {
    for (const { batches: all } of outputs.rounds()) for (const { batch } of all) batch.stamp(producer, 0)
  },
  'parse the fetch, check its sum': () => void parsed(fetched),
  'begin and end a transaction': () => {
    outputs.reset(true)
    const run = stage(scorer)
    const [first] = batches
    run.score(first, 0, 1, outputs)
    for (const batch of batches) run.cover(batch)
    run.finish(outputs, 0)
  },
}

const laps = new Laps()
// Both after one another in each round, so that what else the machine does falls on all alike.
for (let round = -warmUp; round < rounds; round++) {
  if (round === 0) laps.forget()
  laps.begin()
  outputs.reset(true)
  statistics = new BatchStatistics(model, plan, bounds, chunkEvents)
  chunks((batch, from, to) => {
    for (const [name, step] of Object.entries(steps)) {
      laps.start()
      step(batch, from, to)
      laps.end(name)
    }
  })
  outputs.reset(true)
  laps.start()
  const run = stage(scorer)
  laps.end(all)
  chunks((batch, from, to) => {
    laps.start()
    run.score(batch, from, to, outputs)
    laps.end(all)
  })
  laps.start()
  for (const batch of batches) run.cover(batch)
  run.finish(outputs, 0)
  laps.end(all)
  for (const [name, work] of Object.entries(whole)) {
    laps.start()
    work()
    laps.end(name)
  }
}
report()

function chunks(work: (batch: RecordBatch, from: number, to: number) => void): void {
  for (const batch of batches) {
    for (let from = 0; from < batch.count; from += chunkEvents)
      work(batch, from, Math.min(from + chunkEvents, batch.count))
  }
}

/** A model that has learned some transactions. */
function learned(): Model {
  const [first] = batches
  const sample = new FieldColumns(first.count, plan.slots)
  const bornRows = new Float64Array(first.count * d)
  projection.project(first, 0, first.count, sample)
  const { valid } = vectorise(
    plan,
    sample,
    first.bytes,
    first.count,
    sampleBounds(d),
    bornRows,
    new Int32Array(first.count),
  )
  const born = finish(birth(plan, bornRows, valid, { ...settings, bornAtMs: 0, bornFrom: [] })).model
  for (let i = 0; i < learnedTransactions; i++) {
    const scorer = freeze(born)
    const taught = new BatchStatistics(born, plan, fences(born), chunkEvents)
    chunks((batch, from, to) => {
      scoreChunk(scorer, batch, from, to)
      learn(taught, batch, from, to)
    })
    taught.cover(0, i, i + 1)
    fold(born, taught.finish(), i)
  }
  return born
}

function scoreChunk(scorer: Scorer, batch: RecordBatch, from: number, to: number): void {
  projection.project(batch, from, to, fields)
  vectorise(plan, fields, batch.bytes, to - from, fences(scorer.model), rows, eventOf)
  score(scorer, rows, to - from, scores)
}

function learn(statistics: BatchStatistics, batch: RecordBatch, from: number, to: number): void {
  const scored = { rows, n: to - from, scores, eventOf, fields, bytes: batch.bytes }
  statistics.add(batch.partition, scored, (i) => batch.offset[from + eventOf[i]])
}

/** Nanoseconds an event; least: see the head. */
export interface StepFigures {
  readonly name: string
  readonly median: number
  readonly least: number
  readonly most: number
}

function report(): void {
  const perEvent = 1e6 / perTransaction
  const lines = laps.names().map((name): StepFigures => {
    const { sums, least } = laps.of(name)
    const spread = spreadOf(
      sums.map((ms) => ms * perEvent),
      1,
    )
    return { name, ...spread, least: least * perEvent }
  })
  const total = lines.find(({ name }) => name === all)?.least ?? Number.NaN
  if (values.json) {
    process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`)
    return
  }
  const cell = (ns: number) => ns.toFixed(0)
  const table = {
    head: ['step', 'ns an event, least', 'median', 'most', 'of the stage'],
    rows: lines.map(({ name, median, least, most }) => [
      name,
      cell(least),
      cell(median),
      cell(most),
      `${((100 * least) / total).toFixed(0)} %`,
    ]),
  }
  process.stdout.write(`${textOf(table)}\n`)
}
