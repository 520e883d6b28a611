/** Reads the wanted fields of events that are JSON objects. */
import { sizeReason } from './event-size.ts'
import { type EventBytes, type FieldColumns, FieldKind, type FieldSpec, type Projection } from './fields.ts'
import { reasonCode } from './invalid.ts'
import { isDeeperThan } from './json-depth.ts'
import { isJsonObject, parseJson, parseJsonDigits } from './json-text.ts'
import { isAscii, isUtf8 } from './utf8.ts'

/** As deep as values may be nested, the event itself included. */
const maxDepth = 64

interface Want extends FieldSpec {
  readonly names: readonly string[]
}

/**
 * A projection of JSON events. A number must be a JSON number: one in quotes is `wrong_type`, as are arrays and objects.
 * `a.b` is the field of that very name, if the event has it, else `b` inside `a`. Null means missing, on the way too;
 * anything else than an object on the way is `wrong_type`. Of a name given twice the last counts. The first thing wrong
 * with an event, in the order of `fields`, is its reason.
 */
export function jsonProjection(fields: readonly FieldSpec[], options: { readonly maxEventBytes: number }): Projection {
  return new JsonProjection(fields, options.maxEventBytes)
}

class JsonProjection implements Projection {
  private readonly wants: readonly Want[]
  private readonly maxEventBytes: number
  private readonly decoder = new TextDecoder()
  private readonly encoder = new TextEncoder()

  constructor(fields: readonly FieldSpec[], maxEventBytes: number) {
    this.wants = fields.map((field) => ({ ...field, names: field.path.split('.') }))
    this.maxEventBytes = maxEventBytes
  }

  project(events: EventBytes, from: number, to: number, columns: FieldColumns): void {
    columns.arenaUsed = 0
    columns.kind.fill(FieldKind.missing, 0, (to - from) * columns.fields)
    for (let i = from; i < to; i++) {
      const start = events.valueStart[i]
      const length = events.valueLength[i]
      columns.reason[i - from] =
        sizeReason(length, this.maxEventBytes) ||
        this.event(events, start, start + length, columns, (i - from) * columns.fields)
    }
  }

  unresolved(): readonly number[] {
    return []
  }

  resolve(): void {}

  forgetUnknown(): void {}

  private event(events: EventBytes, start: number, end: number, columns: FieldColumns, slot: number): number {
    const { bytes, view } = events
    if (!isAscii(view, start, end) && !isUtf8(bytes, start, end)) return reasonCode.invalid_utf8
    if (isDeeperThan(maxDepth, bytes, start, end)) return reasonCode.too_deep
    const text = this.decoder.decode(bytes.subarray(start, end))
    const event = parseJson(text)
    if (!isJsonObject(event)) return reasonCode.malformed
    for (let field = 0; field < this.wants.length; field++) {
      const want = this.wants[field]
      let value = valueAt(event, want)
      if (want.exact && Number.isInteger(value) && !Number.isSafeInteger(value)) {
        value = valueAt(parseJsonDigits(text) as object, want)
      }
      const reason = this.put(value, want, columns, slot + field)
      if (reason !== 0) return reason
    }
    return 0
  }

  private put(value: unknown, want: Want, columns: FieldColumns, slot: number): number {
    switch (typeof value) {
      case 'number':
        if (!want.accepts.includes('number')) return reasonCode.wrong_type
        if (!Number.isFinite(value)) return reasonCode.not_finite
        columns.kind[slot] = FieldKind.number
        columns.number[slot] = value
        return 0
      case 'boolean':
        if (!want.accepts.includes('boolean')) return reasonCode.wrong_type
        columns.kind[slot] = FieldKind.boolean
        columns.number[slot] = value ? 1 : 0
        return 0
      case 'string':
        return want.accepts.includes('text') ? this.text(value, columns, slot) : reasonCode.wrong_type
      case 'undefined':
        return want.required ? reasonCode.missing_field : 0
      default:
        return reasonCode.wrong_type
    }
  }

  private text(text: string, columns: FieldColumns, slot: number): number {
    columns.reserveArena(text.length * 3)
    const start = columns.arenaUsed
    let length = asciiInto(columns.arena, start, text)
    if (length < text.length) {
      // JSON can escape half a surrogate pair, which no UTF-8 says.
      if (!text.isWellFormed()) return reasonCode.invalid_utf8
      length = this.encoder.encodeInto(text, columns.arena.subarray(start)).written
    }
    columns.arenaUsed = start + length
    columns.kind[slot] = FieldKind.arenaText
    columns.start[slot] = start
    columns.length[slot] = length
    return 0
  }
}

/** Undefined when it is absent or null; null when the way to it is barred by what is no object. */
function valueAt(event: object, want: Want): unknown {
  if (want.names.length === 1) return ownValue(event, want.path)
  if (Object.hasOwn(event, want.path)) return ownValue(event, want.path)
  let value: unknown = event
  for (const name of want.names) {
    if (value === undefined) return undefined
    if (!isJsonObject(value)) return null
    value = ownValue(value, name)
  }
  return value
}

/** The object's own: `__proto__` and `constructor` are names like others. */
function ownValue(object: object, name: string): unknown {
  // What all objects have is the only thing that could be taken for the event's own; asking is slower than reading.
  if (name in Object.prototype && !Object.hasOwn(object, name)) return undefined
  return (object as { readonly [name: string]: unknown })[name] ?? undefined
}

/** Writes a text as far as it is ASCII, and says how far that is: for short texts, faster than an encoder. */
function asciiInto(bytes: Uint8Array, start: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return i
    bytes[start + i] = code
  }
  return text.length
}
