/** The committed assignments, joined with the truth by event id. */
import { fieldText } from '../core/fields/field-text.ts'
import type { EventLog, SchemaRegistry } from '../runtime/ports.ts'
import { existingRanges, readUpTo } from './committed.ts'
import { outputReader } from './output-fields.ts'
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

const wanted = [
  { path: 'eventId', accepts: ['text'] },
  { path: 'score', accepts: ['number'] },
  { path: 'remoteness', accepts: ['number'] },
] as const

/** Reads `topic` from its beginning to where it ended when this was called. */
export async function joinAssignments(
  log: EventLog,
  registry: SchemaRegistry,
  topic: string,
  truth: Truth,
  signal: AbortSignal,
  onProgress: (records: number) => void,
): Promise<Joined> {
  const take = outputReader(registry, topic, wanted, 'must hold an assignment')
  const join = new Join(truth)
  let records = 0
  for await (const committed of readUpTo(log, topic, await existingRanges(log, topic), signal)) {
    await take(committed, (fields, slot, bytes) => {
      join.add(fieldText(fields, slot, bytes), fields.number[slot + 1], fields.number[slot + 2])
    })
    records += committed.count
    onProgress(records)
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
