/** One round: a random pipeline, some batches of random records through the whole score stage, and the oracle. */
import avsc from 'avsc'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { RecordColumns } from '../../src/adapters/memory/record-columns.ts'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import { decodeModel, encodeModel } from '../../src/core/codec/model-codec.ts'
import { decodeUpdate } from '../../src/core/codec/update-codec.ts'
import { invalidReasons } from '../../src/core/fields/invalid.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { fold } from '../../src/core/model/fold.ts'
import type { Model } from '../../src/core/model/model.ts'
import { freeze } from '../../src/core/score/scorer.ts'
import { codeOf } from '../../src/runtime/errors.ts'
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { type Header, keyAt, type RecordBatch, valueAt } from '../../src/stages/records.ts'
import { scoreStage } from '../../src/stages/score.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { schemaText } from '../pipeline/harness.ts'
import { agreement } from './agreement.ts'
import { type FuzzedPipeline, fuzzedPipeline } from './pipeline.ts'
import { cursorMoves } from './steps.ts'

const batches = 5
const recordsOfBatch = 100
const limits = { keyBytes: 1000, deadLetterBytes: 30_000 }
const topics = {
  input: 'in',
  assignments: 'assignments',
  anomalies: 'anomalies',
  deadLetters: 'dead',
  modelUpdates: 'updates',
  shadow: null,
}
const profilesTopic = 'profiles'
const typeOf = (name: string) => avsc.Type.forSchema(JSON.parse(schemaText(name)))
const types = { assignment: typeOf('assignment'), anomaly: typeOf('anomaly'), profile: typeOf('profile') }
const encodeAnomaly = avroWriter(schemaText('anomaly'), 5)

export interface RoundFacts {
  records: number
  bytes: number
  readonly outcomes: Map<string, number>
}

/** What the oracle has against a round; the record is the one that it was found with, if one alone. */
export class Finding extends Error {
  readonly seed: number
  readonly record: Buffer | null

  constructor(seed: number, what: string, record: Buffer | null = null, cause?: unknown) {
    super(what, { cause })
    this.seed = seed
    this.record = record
  }
}

/** Runs the round of a seed and adds to the facts (OUT). Throws a `Finding`. */
export function fuzzRound(seed: number, facts: RoundFacts): void {
  const random = new Random(seed + 0x5eed)
  const pipeline = fuzzedPipeline(seed)
  let model = pipeline.model
  for (let n = 0; n < batches; n++) {
    const batch = randomBatch(pipeline, random, n * recordsOfBatch)
    const outputs = throughStage(seed, pipeline, model, batch)
    judge(seed, pipeline, batch, outputs, facts)
    model = learned(seed, model, outputs, (n + 1) * recordsOfBatch)
    facts.records += batch.count
    for (let i = 0; i < batch.count; i++) facts.bytes += Math.max(0, batch.valueLength[i])
  }
}

const times = [0, -1, 1_760_000_000_000, 8.64e15, -8.64e15, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]

function randomBatch(pipeline: FuzzedPipeline, random: Random, firstOffset: number): RecordBatch {
  const columns = new RecordColumns()
  for (let i = 0; i < recordsOfBatch; i++) {
    const value = random.below(40) === 0 ? null : pipeline.value()
    columns.append(randomKey(random), value, times[random.below(times.length)], randomHeaders(random))
    columns.offset[i] = firstOffset + i
  }
  return columns.slice(0, 0, recordsOfBatch, firstOffset, firstOffset + recordsOfBatch)
}

function randomKey(random: Random): Buffer | null {
  const kind = random.below(12)
  if (kind === 0) return null
  if (kind === 1) return Buffer.alloc(limits.keyBytes + random.below(3) - 1, 0xc3)
  return Buffer.from(Array.from({ length: random.below(20) }, () => random.below(256)))
}

function randomHeaders(random: Random): Header[] {
  if (random.below(3) > 0) return []
  const names = ['', 'h', '__proto__', ...Object.values(deadLetterHeaders)]
  return Array.from({ length: random.below(6) }, () => ({
    name: names[random.below(names.length)],
    value: random.below(4) === 0 ? null : Buffer.alloc(random.below(50), random.below(256)),
  }))
}

/** What a stage may take, in arrays and on the heap, for each byte that it was given; and at all. */
const mostArrays = { each: 64, beside: 4 << 20 }
const mostHeap = { each: 500, beside: 32 << 20 }
/** The moves of the cursor that a byte of a value may cost, for each wanted field. */
const mostMoves = 4

function throughStage(seed: number, pipeline: FuzzedPipeline, model: Model, batch: RecordBatch): OutputColumns {
  const { plan, projection, profiles } = pipeline
  const outputs = new OutputColumns()
  const options = { name: 'fuzz', plan, projection, topics, limits, encodeAnomaly, topFeatures: 3 }
  const schemaIds = { assignment: 3, modelUpdate: 4 }
  const stage = scoreStage({ ...options, schemaIds, profiles: { topic: profilesTopic, schemaId: 6 } })
  const before = process.memoryUsage()
  const moves = guarded(seed, null, () => {
    const run = stage(freeze(model), profiles === null ? null : () => profiles)
    const count = cursorMoves(() => run.score(batch, 0, batch.count, outputs))
    run.cover(batch)
    run.finish(outputs, 99)
    return count
  })
  const bytes = batch.bytes.length
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  const [arrays, heap] = [arrayBuffers - before.arrayBuffers, heapUsed - before.heapUsed]
  if (arrays > mostArrays.each * bytes + mostArrays.beside || heap > mostHeap.each * bytes + mostHeap.beside) {
    throw new Finding(seed, `${bytes} bytes took ${arrays} of arrays and ${heap} of the heap`)
  }
  const mayMove = mostMoves * (bytes + batch.count) * (1 + plan.fields.length)
  if (moves > mayMove) throw new Finding(seed, `${moves} moves of the cursor for ${bytes} bytes: more than ${mayMove}`)
  return outputs
}

/** Avro of its schema, and finite. */
function judgeProfile(seed: number, value: Buffer | null): void {
  if (value === null) return
  const strange = notFinite(types.profile.fromBuffer(value.subarray(wireHeaderBytes)))
  if (strange !== null) throw new Finding(seed, `${strange} in a profile`, value)
}

/** Exactly one outcome for each record, nothing that is not finite, and what an independent reader makes of the value. */
function judge(
  seed: number,
  pipeline: FuzzedPipeline,
  batch: RecordBatch,
  outputs: OutputColumns,
  facts: RoundFacts,
): void {
  const outcomes = new Map<number, string>()
  const add = (offset: number, outcome: string, record: Buffer | null) => {
    if (outcomes.has(offset))
      throw new Finding(seed, `offset ${offset} has two outcomes: ${outcomes.get(offset)} and ${outcome}`, record)
    outcomes.set(offset, outcome)
  }
  for (const { topic, records } of outputs.partitions()) {
    const written = records.slice(0, 0, records.count, 0, records.count)
    for (let i = 0; i < written.count; i++) {
      if (topic === topics.modelUpdates) continue
      if (topic === profilesTopic) {
        judgeProfile(seed, valueAt(written, i))
        continue
      }
      if (topic === topics.deadLetters) {
        const last = (name: string) =>
          Buffer.from(written.headers(i).findLast((header) => header.name === name)?.value ?? []).toString()
        const [offset, reason] = [Number(last(deadLetterHeaders.offset)), last(deadLetterHeaders.reason)]
        add(offset, reason, null)
        sameBytes(seed, batch, offset, written, i)
        if (!invalidReasons.some((one) => one === reason && one !== 'valid'))
          throw new Finding(seed, `a dead letter for ${reason}`)
        continue
      }
      const type = topic === topics.assignments ? types.assignment : types.anomaly
      const value = type.fromBuffer(valueAt(written, i)!.subarray(wireHeaderBytes)) as { readonly offset: number }
      const strange = notFinite(value)
      const source = valueAt(batch, value.offset - batch.offset[0])
      if (strange !== null) throw new Finding(seed, `${strange} in the ${topic}`, source)
      if (topic === topics.assignments) add(value.offset, 'assigned', source)
      else if (outcomes.get(value.offset) !== 'assigned')
        throw new Finding(seed, 'an anomaly without its assignment', source)
    }
  }
  for (let i = 0; i < batch.count; i++) {
    const outcome = outcomes.get(batch.offset[i])
    const value = valueAt(batch, i)
    if (outcome === undefined) throw new Finding(seed, `offset ${batch.offset[i]} has no outcome`, value)
    const against = value === null ? null : guarded(seed, value, () => agreement(pipeline, value, outcome))
    if (against !== null) throw new Finding(seed, against, value)
    facts.outcomes.set(outcome, (facts.outcomes.get(outcome) ?? 0) + 1)
  }
}

/** What the work gives; an exception of it is a finding. */
function guarded<T>(seed: number, value: Buffer | null, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Finding(seed, `an exception of the code ${codeOf(error)}: ${(error as Error).stack}`, value, error)
  }
}

function sameBytes(seed: number, batch: RecordBatch, offset: number, written: RecordBatch, i: number): void {
  const [own, copy] = [valueAt(batch, offset - batch.offset[0]), valueAt(written, i)]
  const key = keyAt(batch, offset - batch.offset[0])
  const omitted = written
    .headers(i)
    .some(({ name, value }) => name === deadLetterHeaders.omitted && /^\w+ \(/.test(String(value)))
  if (omitted) return
  const same = (a: Buffer | null, b: Buffer | null) => (a === null || b === null ? a === b : a.equals(b))
  if (!same(own, copy) || !same(key, keyAt(written, i))) throw new Finding(seed, 'a dead letter of other bytes', own)
}

/** The way to a number of the value that is not finite, or null. */
function notFinite(value: unknown, path = 'value'): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${path} is ${value}`
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return null
  for (const [name, inner] of Object.entries(value)) {
    const found = notFinite(inner, `${path}.${name}`)
    if (found !== null) return found
  }
  return null
}

/** The model after the batch, which must be one that can be written and read. */
function learned(seed: number, model: Model, outputs: OutputColumns, offset: number): Model {
  for (const { topic, records } of outputs.partitions()) {
    if (topic !== topics.modelUpdates) continue
    const value = valueAt(records.slice(0, 0, 1, 0, 1), 0)!
    const update = decodeUpdate(value.subarray(wireHeaderBytes))
    if ('refused' in update) throw new Finding(seed, `an update that is ${update.refused}: ${update.detail}`)
    fold(model, update.value, offset)
  }
  const read = decodeModel(encodeModel(model), model.fingerprint)
  if ('refused' in read) throw new Finding(seed, `a model that is ${read.refused}: ${read.detail}`)
  return read.value
}
