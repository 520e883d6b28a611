/** The fields that the features need, read out of a batch of events into columns. */

/** `milliseconds` is a number too: one that its own type says is a time, so that no unit need be asked for. */
export const FieldKind = { missing: 0, number: 1, boolean: 2, text: 3, arenaText: 4, milliseconds: 5 } as const

export type FieldType = 'number' | 'boolean' | 'text'

/** One field to read. */
export interface FieldSpec {
  /** Name, or dotted path into nested records: `device.risk`. */
  readonly path: string
  /** An event without it (absent or null) is invalid. */
  readonly required: boolean
  /** What the field may hold; anything else is `wrong_type`. */
  readonly accepts: readonly FieldType[]
  /** A whole number beyond ±(2^53 − 1), which a double may round, is read as a text: two ids must not become one. */
  readonly exact?: boolean
}

/**
 * Values of `fields` fields for up to `capacity` events, event-major: slot = event * fields + field.
 * A number (or boolean as 0/1) is in `number`. A text is `length` bytes at `start`: of the batch's own bytes
 * (kind `text`) or of `arena` (kind `arenaText`). `reason[event]` is 0 for a valid event, else a reason code,
 * and then its slots mean nothing.
 */
export class FieldColumns {
  readonly capacity: number
  readonly fields: number
  readonly kind: Uint8Array
  readonly number: Float64Array
  readonly start: Int32Array
  readonly length: Int32Array
  readonly reason: Uint8Array
  arena: Uint8Array
  arenaUsed = 0

  constructor(capacity: number, fields: number) {
    this.capacity = capacity
    this.fields = fields
    this.kind = new Uint8Array(capacity * fields)
    this.number = new Float64Array(capacity * fields)
    this.start = new Int32Array(capacity * fields)
    this.length = new Int32Array(capacity * fields)
    this.reason = new Uint8Array(capacity)
    this.arena = new Uint8Array(4096)
  }

  /** Makes room for `size` more bytes in the arena. */
  reserveArena(size: number): void {
    if (this.arenaUsed + size <= this.arena.length) return
    const grown = new Uint8Array(Math.max(this.arena.length * 2, this.arenaUsed + size))
    grown.set(this.arena.subarray(0, this.arenaUsed))
    this.arena = grown
  }
}

/** The part of a record batch that a projection reads. */
export interface EventBytes {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly valueStart: Int32Array
  readonly valueLength: Int32Array
}

/** Reads the wanted fields of events. */
export interface Projection {
  /**
   * Reads events [from, to) into `columns` slots of events 0 … to-from-1, after resetting the arena and the
   * reasons of those. Never throws for what an event holds; never allocates more than the event's own size.
   */
  project(events: EventBytes, from: number, to: number, columns: FieldColumns): void
  /** Schema ids in [from, to) that must be given to `resolve` before `project` may be called; [] when none. */
  unresolved(events: EventBytes, from: number, to: number): readonly number[]
  /** Tells the projection what a schema id means; null: the registry has no such id. */
  resolve(
    id: number,
    schema: {
      readonly type: string
      readonly text: string
      readonly references: readonly { readonly text: string }[]
    } | null,
  ): void
  /** Ids that the registry did not have are to be resolved again when they are met again. */
  forgetUnknown(): void
}
