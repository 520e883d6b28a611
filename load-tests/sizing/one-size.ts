/** A model of some size at work without a log: what its records take, and how long each step does. */
import { OutputSet } from '../../src/adapters/kafka/output-set.ts'
import { decodeModel, encodeModel } from '../../src/core/codec/model-codec.ts'
import { decodeUpdate, encodeUpdate } from '../../src/core/codec/update-codec.ts'
import { sampleBounds, vectorise } from '../../src/core/features/vectorise.ts'
import { FieldColumns } from '../../src/core/fields/fields.ts'
import { finish, type Steps } from '../../src/core/kmeans/steps.ts'
import { birth } from '../../src/core/model/birth.ts'
import { fold } from '../../src/core/model/fold.ts'
import type { Model } from '../../src/core/model/model.ts'
import { freeze } from '../../src/core/score/scorer.ts'
import { sampleOf } from '../../src/core/upkeep/reservoir.ts'
import { upkeepSteps } from '../../src/core/upkeep/upkeep-step.ts'
import { summaryOf } from '../../src/runtime/summary.ts'
import { modelRecordBytes } from '../../src/runtime/topics.ts'
import type { OutputRecord, Outputs } from '../../src/stages/records.ts'
import { chunkEvents } from '../../src/stages/score.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { openReplay } from '../../tools/replay/open-replay.ts'
import { fetchOf, parsed } from '../throughput/fetched-events.ts'
import { featuresOf } from '../throughput/job.ts'
import { measuredStage } from '../throughput/measured-stage.ts'
import { grownModel } from './grown-model.ts'

export const eventsPerUpdate = 10_000
/** As of a stream that is kept up with. */
export const eventsPerSmallUpdate = 500
const schemaId = 1
const bornClusters = 16
/** Versions are followed: scored is by one that is so many updates old at most. */
const updatesPerVersion = 5
const versionRounds = 10
const leastUpdates = 20
const mostUpdates = 100
const upkeepLimitMs = 180_000

export interface Sized {
  readonly columns: number
  readonly clusters: number
  readonly partitions: number
  readonly updates: number
  /** Clusters that events of an update fell to, on average. */
  readonly touched: number
  readonly updateBytes: number
  /** Of a transaction of `eventsPerSmallUpdate` events. */
  readonly smallUpdateBytes: number
  /** Assignments and anomalies, an event. */
  readonly outputBytes: number
  /** Of it the offsets of all partitions. */
  readonly rangeBytes: number
  readonly versionBytes: number
  /** What one cluster more adds to a version, beside its sampled rows. */
  readonly clusterBytes: number
  /** The clusters as JSON beside the snapshot. */
  readonly summaryBytes: number
  /** Of the stage, from the bytes of a fetch to those of a produce. */
  readonly scoreUs: number
  /** Without upkeep. */
  readonly foldMs: number
  /** One step; null: it had not come to an end within the time that it was given. */
  readonly upkeepMs: number | null
  /** Of the sample that upkeep judges by, for a cluster: with fewer than four clusters are not refitted. */
  readonly rowsPerCluster: number
  readonly encodeMs: number
  readonly decodeMs: number
  readonly freezeMs: number
  /** The most that this process had. */
  readonly residentMb: number
}

export function measureSize(columns: number, clusters: number, partitions: number, forMs: number): Sized {
  const size = { columns, clusters, eventBytes: null }
  const opened = openReplay({
    input: { format: 'avro', time: null },
    features: featuresOf(size),
    clusters: { k: bornClusters, seed: 1 },
  })
  const { settings } = opened
  const { plan, name, topics } = settings
  const { projection, stage } = measuredStage(opened, schemaId, size)
  const batches = parsed(fetchOf(Math.max(2 * clusters, eventsPerUpdate), schemaId, size))
  const events = batches.reduce((sum, { count }) => sum + count, 0)
  const { rows, valid } = rowsOf()
  const small = finish(birth(plan, rows, valid, { ...settings, bornAtMs: 0, bornFrom: [] })).model
  const model = grownModel(plan, small, rows, valid, clusters)
  const outputs = new OutputSet(() => modelRecordBytes, true)
  const [scored, folded, encoded, decoded, frozen]: number[][] = [[], [], [], [], []]
  let [updateBytes, rangeBytes, touched, updates] = [0, 0, 0, 0]
  let bytes = encodeModel(model)
  let scorer = freeze(read(bytes, settings.fingerprint))
  // Measured by itself.
  model.upkeep.nextAtEvents = Number.MAX_SAFE_INTEGER
  const startedMs = performance.now()
  while (updates < leastUpdates || (performance.now() - startedMs < forMs && updates < mostUpdates)) {
    const found = scoreOnce(updates, eventsPerUpdate)
    const update = decodeUpdate(found)
    if ('refused' in update) throw new Error(`an update must be readable: ${update.detail}`)
    const outcome = timed(folded, () => fold(model, update.value, updates))
    if (outcome !== 'learned') throw new Error(`an update must be learned: it was ${outcome}`)
    updateBytes += found.length
    rangeBytes += found.length - encodeUpdate({ ...update.value, ranges: [] }).length
    touched += update.value.clusterIds.length
    updates++
    if (updates % updatesPerVersion !== 0) continue
    for (let again = 0; again < versionRounds; again++) {
      bytes = timed(encoded, () => encodeModel(model))
      const copy = timed(decoded, () => read(bytes, settings.fingerprint))
      scorer = timed(frozen, () => freeze(copy))
    }
  }
  const outputBytes = outputs.bytes / eventsPerUpdate
  const smallUpdateBytes = scoreOnce(updates, eventsPerSmallUpdate).length
  const upkeepMs = upkeepOf(model, upkeepLimitMs)
  // The first round compiles.
  const mean = ([, ...times]: readonly number[]) => times.reduce((sum, ms) => sum + ms, 0) / times.length
  return {
    columns,
    clusters,
    partitions,
    updates,
    touched: Math.round(touched / updates),
    updateBytes: updateBytes / updates,
    smallUpdateBytes,
    outputBytes,
    rangeBytes: rangeBytes / updates,
    versionBytes: bytes.length,
    clusterBytes: bytesOfCluster(),
    summaryBytes: Buffer.byteLength(summaryOf(name, { scorer, publishedAtMs: 0, offset: 0, bytes })),
    scoreUs: (1000 * mean(scored)) / eventsPerUpdate,
    foldMs: mean(folded),
    upkeepMs,
    rowsPerCluster: sampleOf(model.upkeep.reservoir).clocks.length / clusters,
    encodeMs: mean(encoded),
    decodeMs: mean(decoded),
    freezeMs: mean(frozen),
    residentMb: process.resourceUsage().maxRSS / 1e3,
  }

  function rowsOf() {
    const made = new Float64Array(events * plan.columns.length)
    let count = 0
    for (const batch of batches) {
      const fields = new FieldColumns(batch.count, plan.slots)
      projection.project(batch, 0, batch.count, fields)
      const part = made.subarray(count * plan.columns.length)
      count += vectorise(
        plan,
        fields,
        batch.bytes,
        batch.count,
        sampleBounds(plan.columns.length),
        part,
        new Int32Array(batch.count),
      ).valid
    }
    return { rows: made, valid: count }
  }

  /** One transaction: the first events of the fetch, as if from all partitions; gives its update. */
  function scoreOnce(round: number, count: number): Uint8Array {
    let value: Uint8Array | null = null
    outputs.reset(true)
    const sinks: Outputs = {
      append: (record: OutputRecord) => {
        if (record.topic === topics.modelUpdates) value = record.value!.subarray(wireHeaderBytes)
        else outputs.append(record)
      },
      sink: (topic, partition) => outputs.sink(topic, partition),
    }
    timed(scored, () => {
      const run = stage(scorer)
      let left = count
      for (const batch of batches) {
        for (let from = 0; from < batch.count && left > 0; from += chunkEvents) {
          const to = Math.min(from + Math.min(chunkEvents, left), batch.count)
          run.score(batch, from, to, sinks)
          left -= to - from
        }
      }
      const share = Math.ceil(count / partitions)
      for (let partition = 0; partition < partitions; partition++)
        run.cover({ ...batches[0], partition, fromOffset: round * share, nextOffset: (round + 1) * share })
      run.finish(sinks, 0)
    })
    if (value === null) throw new Error('a transaction must write its update')
    return value
  }

  function bytesOfCluster(): number {
    const [few, many] = [clusters, 2 * clusters].map((k) => grownModel(plan, small, rows, valid, k))
    // The same sample for both.
    const { reservoir } = many.upkeep
    const grown = encodeModel(many).length - encodeModel({ ...few, upkeep: { ...few.upkeep, reservoir } }).length
    return grown / clusters
  }
}

function read(bytes: Uint8Array, fingerprint: string): Model {
  const found = decodeModel(bytes, fingerprint)
  if ('refused' in found) throw new Error(`a version must be readable: ${found.detail}`)
  return found.value
}

function upkeepOf(model: Model, limitMs: number): number | null {
  const startedMs = processorMs()
  const steps = inThisThread(upkeepSteps(model))
  while (steps.next().done !== true) if (processorMs() - startedMs > limitMs) return null
  return processorMs() - startedMs
}

/** The steps with those of the computations that another thread may do. */
function* inThisThread<T>(steps: Steps<T>): Generator<undefined, T> {
  for (let given: unknown; ; ) {
    const step = steps.next(given)
    if (step.done === true) return step.value
    if (step.value === undefined) given = yield
    else given = yield* inThisThread(step.value.steps())
  }
}

function timed<T>(times: number[], work: () => T): T {
  const startedMs = processorMs()
  const made = work()
  times.push(processorMs() - startedMs)
  return made
}

/** Of this thread: what else the machine does is not in it. It moves in steps of some milliseconds. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
