/** The committed assignments, joined with the truth by event id. */
import { avroProjection } from '../core/avro/avro-projection.ts'
import { fieldText } from '../core/fields/field-text.ts'
import { FieldColumns } from '../core/fields/fields.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog, SchemaRegistry } from '../runtime/ports.ts'
import { type Committed, partitionsOf, readUpTo } from './committed.ts'
import type { Truth } from './truth.ts'

export interface Joined {
  /** Score by index of the truth; NaN where there is no assignment. The first one counts. */
  readonly scores: Float64Array
  /** How far the same events are from all that is usual: what ranks them. */
  readonly remoteness: Float64Array
  /** Events of the truth with an assignment. */
  readonly matched: number
  /** Events of the truth without one. */
  readonly missing: number
  /** Assignments of an event that had one already. */
  readonly duplicates: number
  /** Assignments of events that the truth calls invalid. */
  readonly ofInvalid: number
  /** Assignments of events that the truth does not know. */
  readonly unknown: number
}

const chunkRecords = 1000
const idSlot = 0
const scoreSlot = 1
const remotenessSlot = 2
const slots = 3

/** Reads `topic` from its beginning to where it ended when this was called. */
export async function joinAssignments(
  log: EventLog,
  registry: SchemaRegistry,
  topic: string,
  truth: Truth,
  signal: AbortSignal,
  onProgress: (records: number) => void,
): Promise<Joined> {
  const projection = avroProjection(
    [
      { path: 'eventId', required: true, accepts: ['text'] },
      { path: 'score', required: true, accepts: ['number'] },
      { path: 'remoteness', required: true, accepts: ['number'] },
    ],
    { framing: 'registry', maxEventBytes: 1024 * 1024 },
  )
  const fields = new FieldColumns(chunkRecords, slots)
  const join = new Join(truth)
  let records = 0

  const take = async ({ batch, count }: Committed): Promise<void> => {
    for (const id of projection.unresolved(batch, 0, count)) projection.resolve(id, await registry.lookup(id))
    for (let from = 0; from < count; from += chunkRecords) {
      const to = Math.min(count, from + chunkRecords)
      projection.project(batch, from, to, fields)
      for (let e = 0; e < to - from; e++) {
        if (fields.reason[e] !== 0) {
          const place = `${topic}/${batch.partition} offset ${batch.offset[from + e]}`
          throw new ShoalError('log.corrupt', `${place} must hold an assignment: it cannot be read as one`)
        }
        const at = slots * e
        const { number } = fields
        join.add(fieldText(fields, at + idSlot, batch.bytes), number[at + scoreSlot], number[at + remotenessSlot])
      }
    }
    records += count
    onProgress(records)
  }

  const ends = await Promise.all(
    (await partitionsOf(log, topic)).map(async (at) => ({ at, ...(await log.bounds(at)) })),
  )
  for (const { at, start, end } of ends) {
    for await (const committed of readUpTo(log, at, start, end, signal)) await take(committed)
  }
  return join.result()
}

class Join {
  private readonly truth: Truth
  private readonly scores: Float64Array
  private readonly remoteness: Float64Array
  private matched = 0
  private duplicates = 0
  private ofInvalid = 0
  private unknown = 0

  constructor(truth: Truth) {
    this.truth = truth
    this.scores = new Float64Array(truth.positive.length).fill(Number.NaN)
    this.remoteness = this.scores.slice()
  }

  add(id: string, score: number, remoteness: number): void {
    const index = this.truth.indexOf.get(id)
    if (index === undefined) {
      if (this.truth.unlabelled.has(id)) this.ofInvalid++
      else this.unknown++
    } else if (Number.isNaN(this.scores[index])) {
      this.scores[index] = score
      this.remoteness[index] = remoteness
      this.matched++
    } else this.duplicates++
  }

  result(): Joined {
    const { scores, remoteness, matched, duplicates, ofInvalid, unknown } = this
    return { scores, remoteness, matched, missing: scores.length - matched, duplicates, ofInvalid, unknown }
  }
}
