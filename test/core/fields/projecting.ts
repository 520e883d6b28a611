/** Runs a projection over values and says what it made of each, in plain words. */
import {
  type EventBytes,
  FieldColumns,
  FieldKind,
  type FieldSpec,
  type Projection,
} from '../../../src/core/fields/fields.ts'
import { invalidReasons } from '../../../src/core/fields/invalid.ts'

/** A reason, or each wanted field's value; undefined where it is missing. */
export type Outcome = string | readonly (number | boolean | string | undefined)[]

/** Values as they lie in a batch: one after another, with bytes between them that belong to none, and none after the last. */
export function eventsOf(values: readonly (Uint8Array | null)[]): EventBytes {
  const gap = 3
  const bytes = new Uint8Array(values.reduce((size, value) => size + (value?.length ?? 0) + gap, 0)).fill(0x01)
  const valueStart = new Int32Array(values.length)
  const valueLength = new Int32Array(values.length)
  let at = gap
  values.forEach((value, i) => {
    valueStart[i] = at
    valueLength[i] = value?.length ?? -1
    if (value !== null) bytes.set(value, at)
    at += (value?.length ?? 0) + gap
  })
  return { bytes, view: new DataView(bytes.buffer), valueStart, valueLength }
}

export function projected(projection: Projection, fields: readonly FieldSpec[], events: EventBytes): Outcome[] {
  const count = events.valueStart.length
  const columns = new FieldColumns(count, fields.length)
  // What an earlier batch left behind must not show.
  columns.kind.fill(FieldKind.text)
  columns.reason.fill(7)
  columns.arenaUsed = 1000
  projection.project(events, 0, count, columns)
  return Array.from({ length: count }, (_, event) => outcomeOf(columns, event, events))
}

/** The outcome of one event. */
export function outcomeOf(columns: FieldColumns, event: number, events: EventBytes): Outcome {
  if (columns.reason[event] !== 0) return invalidReasons[columns.reason[event]]
  return Array.from({ length: columns.fields }, (_, field) => {
    const slot = event * columns.fields + field
    const kind = columns.kind[slot]
    if (kind === FieldKind.missing) return undefined
    if (kind === FieldKind.number || kind === FieldKind.milliseconds) return columns.number[slot]
    if (kind === FieldKind.boolean) return columns.number[slot] === 1
    const source = kind === FieldKind.text ? events.bytes : columns.arena
    const start = columns.start[slot]
    return Buffer.from(source.subarray(start, start + columns.length[slot])).toString('utf8')
  })
}

/** In the registry's wire format. */
export function framed(id: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + value.length)
  new DataView(bytes.buffer).setInt32(1, id)
  bytes.set(value, 5)
  return bytes
}

/** A wanted field in short: `amount`, `amount!` when it is required; accepting everything unless told otherwise. */
export function wanted(path: string, accepts: FieldSpec['accepts'] = ['number', 'boolean', 'text']): FieldSpec {
  const required = path.endsWith('!')
  return { path: required ? path.slice(0, -1) : path, required, accepts }
}
