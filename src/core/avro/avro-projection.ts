/** Reads the wanted fields of Avro events straight from their bytes, whichever writer schema each one names. */

import { sizeReason } from '../fields/event-size.ts'
import type { EventBytes, FieldColumns, FieldSpec, Projection } from '../fields/fields.ts'
import { reasonCode } from '../fields/invalid.ts'
import { AvroCursor, type AvroStep } from './avro-cursor.ts'
import { type AvroProgram, avroProgram } from './avro-program.ts'
import { runProgram } from './avro-run.ts'
import { parseAvroSchema } from './avro-schema.ts'
import { wantedStep } from './avro-wanted.ts'

export type AvroProjectionOptions =
  /** A zero byte, the schema's id in four bytes, the value. */
  | { readonly framing: 'registry'; readonly maxEventBytes: number }
  /** The value alone, by a schema known beforehand. When it cannot be read from (`parseAvroSchema` and the doc below say
   * when), every event is `unsupported_schema`. */
  | { readonly framing: 'bare'; readonly schema: string; readonly maxEventBytes: number }

/** Bytes before the value in registry framing. */
const headerBytes = 5
/** Writer schemas (and ids that the registry does not know) that are remembered between batches. */
const maxSchemas = 10_000

/**
 * A projection of Avro values. What a wanted field may be, by what it accepts:
 * number: int, long, float, double, decimal (bytes or fixed); date, time-* and timestamps become milliseconds.
 * boolean: boolean. text: string (uuid too), and an enum's symbol. Each also in unions, decided per event; null means
 * missing. A field is found by its name, else by an alias that its writer declares. Unwanted values are checked for
 * their lengths, not their content. The first thing wrong with an event is its reason; only bytes that are read to
 * their end lack a required field.
 */
export function avroProjection(fields: readonly FieldSpec[], options: AvroProjectionOptions): Projection {
  return options.framing === 'registry'
    ? new RegistryProjection(fields, options.maxEventBytes)
    : new BareProjection(fields, options.schema, options.maxEventBytes)
}

/** How events of a schema are read, or the reason why none can be. */
type Reading = EventReader | number

interface EventReader {
  /** What reads nearly all of them; null: nothing does. */
  readonly program: AvroProgram | null
  /** What reads the others, and knows what is wrong with them. */
  readonly step: AvroStep
}

function readingOf(fields: readonly FieldSpec[], text: string, references: readonly string[]): Reading {
  const parsed = parseAvroSchema(text, references)
  if (!parsed.ok) return reasonCode.unsupported_schema
  const step = wantedStep(parsed.schema, fields)
  if (step === null) return reasonCode.unsupported_schema
  return { program: avroProgram(parsed.schema, fields), step }
}

/** Forgets what the columns held before for `count` events. */
function clear(columns: FieldColumns, count: number): void {
  columns.arenaUsed = 0
  columns.reason.fill(0, 0, count)
  columns.kind.fill(0, 0, count * columns.fields)
}

class BareProjection implements Projection {
  private readonly reading: Reading
  private readonly maxEventBytes: number
  private readonly cursor = new AvroCursor()

  constructor(fields: readonly FieldSpec[], schema: string, maxEventBytes: number) {
    this.reading = readingOf(fields, schema, [])
    this.maxEventBytes = maxEventBytes
  }

  project(events: EventBytes, from: number, to: number, columns: FieldColumns): void {
    clear(columns, to - from)
    this.cursor.open(events, columns)
    for (let i = from; i < to; i++) {
      const start = events.valueStart[i]
      const length = events.valueLength[i]
      columns.reason[i - from] =
        sizeReason(length, this.maxEventBytes) || readAs(this.reading, this.cursor, start, start + length, i - from)
    }
  }

  unresolved(): readonly number[] {
    return []
  }

  resolve(): void {}

  forgetUnknown(): void {}
}

class RegistryProjection implements Projection {
  private readonly fields: readonly FieldSpec[]
  private readonly maxEventBytes: number
  private readonly cursor = new AvroCursor()
  /** By schema id, oldest first. */
  private readonly readings = new Map<number, Reading>()

  constructor(fields: readonly FieldSpec[], maxEventBytes: number) {
    this.fields = fields
    this.maxEventBytes = maxEventBytes
  }

  /** An id that was never resolved counts as unknown. */
  project(events: EventBytes, from: number, to: number, columns: FieldColumns): void {
    clear(columns, to - from)
    this.cursor.open(events, columns)
    const { cursor, maxEventBytes } = this
    const { bytes, view, valueStart, valueLength } = events
    const { reason } = columns
    let lastId = -1
    let reading: Reading = reasonCode.unknown_schema
    for (let i = from; i < to; i++) {
      const start = valueStart[i]
      const invalid = frameReason(bytes, start, valueLength[i], maxEventBytes)
      if (invalid !== 0) {
        reason[i - from] = invalid
        continue
      }
      const id = view.getInt32(start + 1)
      if (id !== lastId) {
        lastId = id
        reading = this.readings.get(id) ?? reasonCode.unknown_schema
      }
      reason[i - from] = readAs(reading, cursor, start + headerBytes, start + valueLength[i], i - from)
    }
  }

  /**
   * Resolve what this gives, then `project` the same events, before it is called for others: it is here that the oldest
   * schemas beyond the limit are forgotten (and asked for again when they are met again).
   */
  unresolved(events: EventBytes, from: number, to: number): readonly number[] {
    this.forgetOldest()
    const found = new Set<number>()
    let lastId = -1
    for (let i = from; i < to; i++) {
      if (frameReason(events.bytes, events.valueStart[i], events.valueLength[i], this.maxEventBytes) !== 0) continue
      const id = events.view.getInt32(events.valueStart[i] + 1)
      if (id === lastId) continue
      lastId = id
      // No registry gives negative ids: such an event is unknown_schema without a question.
      if (id >= 0 && !this.readings.has(id)) found.add(id)
    }
    return [...found]
  }

  /**
   * An id that the registry did not know (null) is remembered as `unknown_schema` and not asked for until
   * `forgetUnknown`; whoever learns what it means may resolve it again.
   */
  resolve(id: number, schema: Parameters<Projection['resolve']>[1]): void {
    this.readings.set(id, this.readingOf(schema))
  }

  forgetUnknown(): void {
    for (const [id, reading] of this.readings) if (reading === reasonCode.unknown_schema) this.readings.delete(id)
  }

  private readingOf(schema: Parameters<Projection['resolve']>[1]): Reading {
    if (schema === null) return reasonCode.unknown_schema
    if (schema.type !== 'AVRO') return reasonCode.unsupported_schema
    return readingOf(
      this.fields,
      schema.text,
      schema.references.map((reference) => reference.text),
    )
  }

  private forgetOldest(): void {
    for (const id of this.readings.keys()) {
      if (this.readings.size <= maxSchemas) return
      this.readings.delete(id)
    }
  }
}

/** What is wrong with a value in registry framing before its schema is known, or 0. */
function frameReason(bytes: Uint8Array, start: number, length: number, maxEventBytes: number): number {
  const reason = sizeReason(length, maxEventBytes)
  if (reason !== 0) return reason
  return length >= headerBytes && bytes[start] === 0 ? 0 : reasonCode.not_wire_format
}

/** Reads the value in [start, end) into event `event` of the columns, and gives its reason. */
function readAs(reading: Reading, cursor: AvroCursor, start: number, end: number, event: number): number {
  if (typeof reading === 'number') return reading
  const { program, step } = reading
  if (program !== null && runProgram(program, cursor, start, end, event)) return 0
  return cursor.read(step, start, end, event)
}
