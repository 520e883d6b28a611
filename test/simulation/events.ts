/** The input: numbered events of which it is known beforehand what must become of each. */
import avsc from 'avsc'
import type { Random } from '../../src/core/kmeans/random.ts'
import { between, happens, oneOf } from './draw.ts'

/** An event and its outcome. */
export interface InputEvent {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
  readonly header: string | null
  /** The reason why it is invalid, in the words of the catalogue; null: it is valid. */
  readonly reason: string | null
  readonly id: string
  /** What the features read: length d. */
  readonly row: Float64Array
  /** The entity that it is of. */
  readonly who: string
}

/** Ids that the registry gave the writers' schemas. */
export interface WriterIds {
  readonly plain: number
  readonly later: number
  readonly notARecord: number
}

const unknownId = 9_999
export const maxEventBytes = 512

const numbers = (d: number, type: unknown) => Array.from({ length: d }, (_, c) => ({ name: `x${c}`, type }))

export function plainSchema(d: number): string {
  return JSON.stringify({
    type: 'record',
    name: 'Event',
    fields: [{ name: 'id', type: 'string' }, { name: 'who', type: 'string' }, ...numbers(d, 'double')],
  })
}

/** A later version of the same: other order, numbers that may be missing, a text that nobody wants. */
export function laterSchema(d: number): string {
  const note = { name: 'note', type: ['null', 'string'], default: null }
  const nullable = numbers(d, ['null', 'double']).map((field) => ({ ...field, default: null }))
  return JSON.stringify({
    type: 'record',
    name: 'Event',
    fields: [...nullable.reverse(), note, { name: 'who', type: 'string' }, { name: 'id', type: 'string' }],
  })
}

export const notARecordSchema = '"string"'

type Flaw = (event: Draft) => { readonly reason: string; readonly value: Buffer | null }

interface Draft {
  readonly id: string
  readonly row: Float64Array
  readonly encoders: Encoders
}

interface Encoders {
  plain(id: string, row: Float64Array): Buffer
  later(id: string, row: readonly (number | null)[]): Buffer
  framed(id: number, body: Buffer): Buffer
  readonly ids: WriterIds
}

const flaws: readonly Flaw[] = [
  () => ({ reason: 'tombstone', value: null }),
  () => ({ reason: 'empty_value', value: Buffer.alloc(0) }),
  () => ({ reason: 'too_large', value: Buffer.alloc(maxEventBytes + 1) }),
  ({ id }) => ({ reason: 'not_wire_format', value: Buffer.from(JSON.stringify({ id })) }),
  ({ encoders, id, row }) => {
    const value = Buffer.from(encoders.plain(id, row))
    value.writeInt32BE(unknownId, 1)
    return { reason: 'unknown_schema', value }
  },
  ({ encoders, id }) => ({
    reason: 'unsupported_schema',
    value: encoders.framed(encoders.ids.notARecord, Buffer.concat([Buffer.of(2 * id.length), Buffer.from(id)])),
  }),
  ({ encoders, id, row }) => ({ reason: 'malformed', value: encoders.plain(id, row).subarray(0, -1) }),
  ({ encoders, id, row }) => ({ reason: 'missing_field', value: encoders.later(id, [null, ...row.subarray(1)]) }),
  ({ encoders, id, row }) => ({
    reason: 'not_finite',
    value: encoders.plain(id, Float64Array.of(Number.NaN, ...row.subarray(1))),
  }),
  ({ encoders, row }) => ({ reason: 'out_of_range', value: encoders.plain('', row) }),
]

function encodersOf(d: number, ids: WriterIds): Encoders {
  const plain = avsc.Type.forSchema(JSON.parse(plainSchema(d)))
  const later = avsc.Type.forSchema(JSON.parse(laterSchema(d)))
  const framed = (id: number, body: Buffer): Buffer => {
    const header = Buffer.alloc(5)
    header.writeInt32BE(id, 1)
    return Buffer.concat([header, body])
  }
  const columns = (row: Iterable<number | null>) => Object.fromEntries([...row].map((x, c) => [`x${c}`, x]))
  return {
    ids,
    framed,
    plain: (id, row) => framed(ids.plain, plain.toBuffer({ id, who: whoOf(id), ...columns(row) })),
    later: (id, row) =>
      framed(ids.later, later.toBuffer({ id, who: whoOf(id), note: 'of no interest', ...columns(row) })),
  }
}

/** One of seven, whom no draw decides. */
function whoOf(id: string): string {
  return `w${(Number(id.slice(1)) * 5 + (Number(id.slice(1)) >> 3)) % 7}`
}

/** How far events are from where they were before. */
const way = 200

/** Makes the events of one world, the i-th always the same; from `movesAt` on they are elsewhere. */
export function eventSource(
  random: Random,
  d: number,
  clusters: number,
  ids: WriterIds,
  invalidShare: number,
  movesAt = Number.POSITIVE_INFINITY,
): (i: number) => InputEvent {
  const centres = Array.from({ length: clusters }, () => Float64Array.from({ length: d }, () => 20 * random.gaussian()))
  const encoders = encodersOf(d, ids)
  return (i) => {
    const centre = oneOf(random, centres)
    const isAbsurd = happens(random, 0.02)
    const away = i >= movesAt ? way : 0
    const row = centre.map((x) => (isAbsurd ? x * 10 ** between(random, 3, 290) : x + away + random.gaussian()))
    const id = `e${i}`
    const draft = { id, row, encoders }
    const flaw = happens(random, invalidShare) ? oneOf(random, flaws)(draft) : null
    const value = happens(random, 0.3) ? encoders.later(id, [...row]) : encoders.plain(id, row)
    return {
      id,
      row,
      who: whoOf(id),
      key: happens(random, 0.1) ? null : Buffer.from(`k${between(random, 0, 20)}`),
      value: flaw === null ? value : flaw.value,
      timestamp: 1_600_000_000_000 + 7 * i,
      header: happens(random, 0.1) ? `header of ${id}` : null,
      reason: flaw?.reason ?? null,
    }
  }
}
