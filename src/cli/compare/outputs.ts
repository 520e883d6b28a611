/** What a deployment has said of the newest events of a partition, as columns in the order of the input. */
import { avroProjection } from '../../core/avro/avro-projection.ts'
import { FieldColumns } from '../../core/fields/fields.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { EventLog, SchemaRegistry, TopicPartition } from '../../runtime/ports.ts'
import { readUpTo } from '../committed.ts'

/** Of events [0, count): where they are in the input, whose cluster, how unusual. */
export interface SaidOf {
  readonly offset: number[]
  readonly cluster: number[]
  readonly score: number[]
}

export interface ReadOptions {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly signal: AbortSignal
}

const chunkRecords = 1000
const slots = 3

/** Of events [from, to) of the input; an output is read from its end backwards until it begins before them. */
export async function saidOf(
  options: ReadOptions,
  at: TopicPartition,
  [from, to]: readonly [from: number, to: number],
): Promise<SaidOf> {
  const { log } = options
  const { start, end } = await log.bounds(at)
  // Offsets of an output count the markers of its transactions, too.
  for (let window = 2 * (to - from) + chunkRecords; ; window *= 4) {
    const since = Math.max(start, end - window)
    const said = await read(options, at, since, end)
    if (since > start && (said.offset[0] ?? Number.POSITIVE_INFINITY) > from && !options.signal.aborted) continue
    const [first, last] = [
      said.offset.findIndex((offset) => offset >= from),
      said.offset.findIndex((offset) => offset >= to),
    ]
    const range = [first < 0 ? said.offset.length : first, last < 0 ? said.offset.length : last] as const
    return {
      offset: said.offset.slice(...range),
      cluster: said.cluster.slice(...range),
      score: said.score.slice(...range),
    }
  }
}

/** Assignments and anomalies have these fields alike. */
async function read(
  { log, registry, signal }: ReadOptions,
  at: TopicPartition,
  from: number,
  end: number,
): Promise<SaidOf> {
  const projection = avroProjection(
    ['offset', 'cluster', 'score'].map((path) => ({ path, required: true, accepts: ['number'] as const })),
    { framing: 'registry', maxEventBytes: 1024 * 1024 },
  )
  const fields = new FieldColumns(chunkRecords, slots)
  const said: SaidOf = { offset: [], cluster: [], score: [] }
  for await (const { batch, count } of readUpTo(log, at, from, end, signal)) {
    for (const id of projection.unresolved(batch, 0, count)) projection.resolve(id, await registry.lookup(id))
    for (let first = 0; first < count; first += chunkRecords) {
      const to = Math.min(count, first + chunkRecords)
      projection.project(batch, first, to, fields)
      for (let e = 0; e < to - first; e++) {
        if (fields.reason[e] !== 0) {
          const place = `${at.topic}/${at.partition} offset ${batch.offset[first + e]}`
          throw new ShoalError('log.corrupt', `${place} must be an output of Shoal: it cannot be read as one`)
        }
        said.offset.push(fields.number[slots * e])
        said.cluster.push(fields.number[slots * e + 1])
        said.score.push(fields.number[slots * e + 2])
      }
    }
  }
  return said
}
