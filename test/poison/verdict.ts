/** What became of the records that were sent: read back from the outputs, and held against what had to become of each. */
import { createHash } from 'node:crypto'
import avsc from 'avsc'
import { reasonMeaning } from '../../src/core/fields/invalid.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { type Header, keyAt, type RecordBatch, valueAt } from '../../src/stages/records.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { eachRecord, schemaText } from '../pipeline/harness.ts'
import type { PoisonRecord } from './poison-record.ts'

/** A record where it lies in the input. */
export interface SentRecord extends PoisonRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
}

/** In words and digests, so that a difference of 10 MB can be printed. */
interface Verdict {
  readonly place: string
  readonly name: string
  readonly outcome: string
  readonly key: string
  readonly timestamp: number
  readonly value: string
  readonly headers: readonly string[]
}

export interface PoisonTopics {
  readonly input: string
  readonly assignments: string
  readonly deadLetters: string
}

const assignmentType = avsc.Type.forSchema(JSON.parse(schemaText('assignment')))

/** What must be in the outputs, in the order of partition and offset. */
export function expectedOf(sent: readonly SentRecord[], topics: PoisonTopics, connector: string): Verdict[] {
  const { topic, partition, offset, connector: name, stage, reason, message } = deadLetterHeaders
  return inOrder(sent).map((record) => {
    const isLetter = record.outcome !== 'assigned'
    const added = [
      [topic, topics.input],
      [partition, String(record.partition)],
      [offset, String(record.offset)],
      [name, connector],
      [stage, 'VALUE_CONVERTER'],
      [reason, record.outcome],
      [message, record.outcome === 'assigned' ? '' : reasonMeaning[record.outcome]],
    ].map(([header, value]) => ({ name: header, value: Buffer.from(value) }))
    return {
      place: `${record.partition}:${record.offset}`,
      name: record.name,
      outcome: record.outcome,
      key: digest(record.key),
      timestamp: record.timestamp,
      value: isLetter ? digest(record.value) : 'an assignment',
      headers: isLetter ? [...record.headers, ...added].map(shown) : [],
    }
  })
}

/** What is in the outputs, by the place that each names as its source; in the order of the outputs within a partition. */
export async function foundIn(
  log: EventLog,
  topics: PoisonTopics,
  sent: readonly SentRecord[],
): Promise<{ readonly verdicts: Verdict[]; readonly disorder: readonly string[] }> {
  const nameOf = new Map(sent.map(({ partition, offset, name }) => [`${partition}:${offset}`, name]))
  const found: (Verdict & { readonly partition: number; readonly offset: number })[] = []
  const disorder: string[] = []
  for (const topic of [topics.assignments, topics.deadLetters]) {
    const last = new Map<number, number>()
    await eachRecord(log, topic, (batch, i) => {
      const one = topic === topics.assignments ? assigned(batch, i) : letter(batch, i)
      if (one.offset <= (last.get(one.partition) ?? -1)) disorder.push(`${topic} ${one.partition}:${one.offset}`)
      last.set(one.partition, one.offset)
      const place = `${one.partition}:${one.offset}`
      found.push({ place, name: nameOf.get(place) ?? 'nothing that was sent', ...one })
    })
  }
  const verdicts = inOrder(found).map(({ partition: _p, offset: _o, ...verdict }) => verdict)
  return { verdicts, disorder }
}

/** What is not as it must be, in a line each. */
export function differences(expected: readonly Verdict[], found: readonly Verdict[]): readonly string[] {
  const foundAt = Map.groupBy(found, ({ place }) => place)
  const missing = expected.flatMap((verdict) => {
    const [one, ...others] = foundAt.get(verdict.place) ?? []
    foundAt.delete(verdict.place)
    if (one === undefined) return [`${verdict.name}: must be ${verdict.outcome}, is nothing`]
    return [
      ...others.map(({ outcome }) => `${verdict.name}: is ${outcome}, too`),
      ...parts.flatMap((part) => {
        const [must, is] = [JSON.stringify(verdict[part]), JSON.stringify(one[part])]
        return must === is ? [] : [`${verdict.name}: its ${part} must be ${must}, is ${is}`]
      }),
    ]
  })
  return [...missing, ...[...foundAt.values()].flat().map(({ place }) => `${place} was never sent`)]
}

const parts = ['outcome', 'key', 'timestamp', 'value', 'headers'] as const

function assigned(batch: RecordBatch, i: number) {
  const value = assignmentType.fromBuffer(valueAt(batch, i)!.subarray(wireHeaderBytes)) as {
    readonly offset: number
    readonly partition: number
    readonly distance: number
    readonly score: number
  }
  const isSound = Number.isFinite(value.distance) && value.score >= 0 && value.score <= 1
  return {
    partition: value.partition,
    offset: value.offset,
    outcome: value.partition === batch.partition ? 'assigned' : `assigned in partition ${batch.partition}`,
    key: digest(keyAt(batch, i)),
    timestamp: batch.timestamp[i],
    value: isSound ? 'an assignment' : `an assignment of ${value.distance} and ${value.score}`,
    headers: batch.headers(i).map(shown),
  }
}

function letter(batch: RecordBatch, i: number) {
  const headers = batch.headers(i)
  // A dead letter that is sent again has both: what was added last counts, as it does to Kafka's own clients.
  const last = (name: string) => Buffer.from(headers.findLast((header) => header.name === name)?.value ?? []).toString()
  return {
    partition: Number(last(deadLetterHeaders.partition)),
    offset: Number(last(deadLetterHeaders.offset)),
    outcome: last(deadLetterHeaders.reason),
    key: digest(keyAt(batch, i)),
    timestamp: batch.timestamp[i],
    value: digest(valueAt(batch, i)),
    headers: headers.map(shown),
  }
}

function inOrder<T extends { readonly partition: number; readonly offset: number }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

function shown({ name, value }: Header): string {
  return `${name.slice(0, 60)}(${name.length}): ${digest(value)}`
}

function digest(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  if (bytes.length <= 60) return JSON.stringify(Buffer.from(bytes).toString('latin1'))
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
}
