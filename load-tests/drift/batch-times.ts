/** What scoring, counting and finding drift take in each batch of a stream of clouds, by the stages of production. */
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { RecordColumns } from '../../src/adapters/memory/record-columns.ts'
import { decodeUpdate } from '../../src/core/codec/update-codec.ts'
import { observe } from '../../src/core/drift/detection.ts'
import { FeatureCounter } from '../../src/core/features/feature-counter.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { finish } from '../../src/core/kmeans/steps.ts'
import { birth } from '../../src/core/model/birth.ts'
import { fences } from '../../src/core/model/fences.ts'
import { fold } from '../../src/core/model/fold.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import { freeze } from '../../src/core/score/scorer.ts'
import { valueAt } from '../../src/stages/records.ts'
import { scoreStage } from '../../src/stages/score.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { openReplay } from '../../tools/replay/open-replay.ts'
import { clouds, pointEvents, pointsOf } from '../quality/mixture-stream.ts'

export const [d, k] = [16, 64]
const batchEvents = 1000
const hourMs = 3_600_000
/** Before a state is measured: code is compiled, four days of hours are known. */
const warmUp = 100

/** What the detectors find themselves in, which decides how much is to be compared. */
export interface State {
  /** Each hour of the day has been seen, and is compared with itself. */
  readonly hasTimes: boolean
  /** A drift is open, and all goes on moving. */
  readonly moves: boolean
}

/** Of a batch. */
export interface Times {
  readonly scoreMs: number
  readonly countMs: number
  readonly detectMs: number
}

const features = Array.from({ length: d }, (_, f) => ({ field: `f${f}` }))
const { settings, world } = openReplay({ input: { format: 'json', time: null }, features, clusters: { k, seed: 1 } })
const { plan } = settings
const mixture = clouds(24, d, 1)
const born = newborn()

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

/** Of each batch of the stream in this state. */
export async function timesOf({ hasTimes, moves }: State, batches: number): Promise<readonly Times[]> {
  const draw = pointsOf(mixture, new Random(2))
  const [model, { drift }] = structuredClone(born)
  const projection = world.projection()
  let countMs = 0
  let counter = new FeatureCounter(plan, model.features.bins, fences(model))
  const { name, topics, topFeatures } = settings
  const stage = scoreStage({
    ...{ name, plan, projection, topics, topFeatures },
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
