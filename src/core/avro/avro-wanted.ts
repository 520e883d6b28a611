/** Steps that read the wanted fields of a record into columns, and pass over the rest. */

import type { FieldSpec, FieldType } from '../fields/fields.ts'
import { reasonCode } from '../fields/invalid.ts'
import { isAscii, isUtf8 } from '../fields/utf8.ts'
import type { AvroCursor, AvroStep } from './avro-cursor.ts'
import { decimalOf } from './avro-decimal.ts'
import { longDigits } from './avro-long.ts'
import type { AvroField, AvroSchema, AvroType, NamedAvroType } from './avro-schema.ts'
import { AvroSkips, branchStep, nothing, recordStep } from './avro-skip.ts'

/** A wanted field: its index among the columns, and the names that lead to it. */
export interface Want {
  readonly index: number
  readonly names: readonly string[]
  readonly accepts: readonly FieldType[]
  readonly exact: boolean
  readonly required: boolean
}

export function wantsOf(fields: readonly FieldSpec[]): readonly Want[] {
  return fields.map(({ path, accepts, exact = false, required }, index) => ({
    index,
    names: path.split('.'),
    accepts,
    exact,
    required,
  }))
}

/**
 * The step that reads a whole value of the schema: null when the schema is neither a record nor a union that has one.
 * A path goes through records and unions; null on the way means that the field is missing, anything else `wrong_type`.
 */
export function wantedStep(schema: AvroSchema, fields: readonly FieldSpec[]): AvroStep | null {
  if (!hasRecord(schema, schema.root)) return null
  const wants = wantsOf(fields)
  const required = wants.filter((want) => want.required).map(({ index }) => index)
  const value = new WantedSteps(schema).inside(schema.root, wants, 0)
  return (cursor) => {
    value(cursor)
    // What goes on behind its end is not the value that its schema says, whatever else it lacks.
    if (cursor.at !== cursor.end) cursor.fail(reasonCode.malformed)
    for (let i = 0; i < required.length; i++) {
      if (cursor.isMissing(required[i])) cursor.fail(reasonCode.missing_field)
    }
  }
}

function hasRecord(schema: AvroSchema, type: AvroType): boolean {
  if (type.kind === 'union') return type.branches.some((branch) => hasRecord(schema, branch))
  return type.kind === 'reference' && schema.named.get(type.name)!.kind === 'record'
}

type WholeType = Extract<AvroType, { readonly kind: 'int' | 'long' }>

export class WantedSteps {
  private readonly schema: AvroSchema
  private readonly skips: AvroSkips
  /** A record may be reached in many ways by the same wants. */
  private readonly records = new Map<string, AvroStep>()

  constructor(schema: AvroSchema) {
    this.schema = schema
    this.skips = new AvroSkips(schema)
  }

  /** Wants that lie inside a value of the type; the first `level` names have led there. */
  inside(type: AvroType, wants: readonly Want[], level: number): AvroStep {
    if (type.kind === 'null') return nothing
    if (type.kind === 'union') return branchStep(type.branches.map((branch) => this.inside(branch, wants, level)))
    const named = type.kind === 'reference' ? this.schema.named.get(type.name)! : null
    if (type.kind !== 'reference' || named?.kind !== 'record') return wrongType
    const key = `${level} ${wants.map((want) => want.index)} ${type.name}`
    const known = this.records.get(key)
    if (known !== undefined) return known
    const step = this.record(named.fields, wants, level)
    this.records.set(key, step)
    return step
  }

  private record(fields: readonly AvroField[], wants: readonly Want[], level: number): AvroStep {
    const wantsOfField = wantsByField(fields, wants, level)
    const steps = fields.map((field) => {
      const wanted = wantsOfField.get(field)
      return wanted === undefined ? this.skips.step(field.type) : this.field(field.type, wanted, level + 1)
    })
    return recordStep(steps.filter((step) => step !== null))
  }

  private field(type: AvroType, wants: readonly Want[], level: number): AvroStep {
    const steps = wants.filter((want) => want.names.length === level).map((want) => this.itself(type, want))
    const deeper = wants.filter((want) => want.names.length > level)
    if (deeper.length > 0) steps.push(this.inside(type, deeper, level))
    return steps.length === 1 ? steps[0] : eachFromHere(steps)
  }

  /** The value of the type is what is wanted. */
  itself(type: AvroType, want: Want): AvroStep {
    const accepts = (accepted: FieldType, step: AvroStep) => (want.accepts.includes(accepted) ? step : wrongType)
    switch (type.kind) {
      case 'null':
        return nothing
      case 'union':
        return branchStep(type.branches.map((branch) => this.itself(branch, want)))
      case 'boolean':
        return accepts('boolean', (cursor) => cursor.putBoolean(want.index, cursor.boolean()))
      case 'int':
        return accepts('number', readInt(want.index, type))
      case 'long':
        return accepts('number', readLong(want, type))
      case 'float':
        return accepts('number', readFloat(want.index))
      case 'double':
        return accepts('number', readDouble(want.index))
      case 'string':
        return accepts('text', readText(want.index))
      case 'bytes':
        return type.decimalScale === null
          ? wrongType
          : accepts('number', readDecimal(want.index, null, type.decimalScale))
      case 'reference':
        return this.namedItself(this.schema.named.get(type.name)!, want)
      default:
        return wrongType
    }
  }

  private namedItself(type: NamedAvroType, want: Want): AvroStep {
    if (type.kind === 'enum' && want.accepts.includes('text')) return readEnum(want.index, type.symbols)
    if (type.kind === 'fixed' && type.decimalScale !== null && want.accepts.includes('number')) {
      return readDecimal(want.index, type.size, type.decimalScale)
    }
    return wrongType
  }
}

/** Whose next name, at `level`, is which field's. */
export function wantsByField(
  fields: readonly AvroField[],
  wants: readonly Want[],
  level: number,
): ReadonlyMap<AvroField, readonly Want[]> {
  const found = new Map<AvroField, Want[]>()
  for (const want of wants) {
    const field = fieldNamed(fields, want.names[level])
    if (field !== undefined) found.set(field, [...(found.get(field) ?? []), want])
  }
  return found
}

function fieldNamed(fields: readonly AvroField[], name: string): AvroField | undefined {
  return fields.find((field) => field.name === name) ?? fields.find((field) => field.aliases.includes(name))
}

/** Several wants of one value: each reads it from its start. */
function eachFromHere(steps: readonly AvroStep[]): AvroStep {
  return (cursor) => {
    const start = cursor.at
    for (let i = 0; i < steps.length && cursor.reason === 0; i++) {
      cursor.at = start
      steps[i](cursor)
    }
  }
}

function wrongType(cursor: AvroCursor): void {
  cursor.fail(reasonCode.wrong_type)
}

function readInt(field: number, { times, isTime }: WholeType): AvroStep {
  if (isTime) return (cursor) => cursor.putTime(field, cursor.int() * times)
  return (cursor) => cursor.putNumber(field, cursor.int())
}

function readLong({ index, exact }: Want, { over, isTime }: WholeType): AvroStep {
  if (isTime) return (cursor) => cursor.putTime(index, cursor.long() / over)
  if (!exact) return (cursor) => cursor.putNumber(index, cursor.long())
  const encoder = new TextEncoder()
  return (cursor) => {
    const start = cursor.at
    const value = cursor.long()
    if (Number.isSafeInteger(value)) return cursor.putNumber(index, value)
    const digits = encoder.encode(longDigits(cursor.bytes, start))
    cursor.putArenaText(index, cursor.toArena(digits), digits.length)
  }
}

function readFloat(field: number): AvroStep {
  return (cursor) => {
    const at = cursor.at
    cursor.advance(4)
    if (cursor.reason === 0) cursor.putNumber(field, cursor.view.getFloat32(at, true))
  }
}

function readDouble(field: number): AvroStep {
  return (cursor) => {
    const at = cursor.at
    cursor.advance(8)
    if (cursor.reason === 0) cursor.putNumber(field, cursor.view.getFloat64(at, true))
  }
}

function readDecimal(field: number, fixedSize: number | null, scale: number): AvroStep {
  const unit = 10 ** scale
  return (cursor) => {
    const size = fixedSize ?? cursor.size()
    const at = cursor.at
    cursor.advance(size)
    if (size === 0) cursor.fail(reasonCode.malformed)
    if (cursor.reason === 0) cursor.putNumber(field, decimalOf(cursor.bytes, at, size) / unit)
  }
}

function readText(field: number): AvroStep {
  return (cursor) => {
    const size = cursor.size()
    const at = cursor.at
    const end = at + size
    cursor.at = end
    if (isAscii(cursor.view, at, end) || isUtf8(cursor.bytes, at, end)) cursor.putText(field, at, size)
    else cursor.fail(reasonCode.invalid_utf8)
  }
}

/** The symbol's name goes into the arena once for all events of a `project`, however many have it. */
function readEnum(field: number, symbols: readonly string[]): AvroStep {
  const texts = symbols.map((symbol) => new TextEncoder().encode(symbol))
  const starts = new Int32Array(symbols.length)
  let round = -1
  return (cursor) => {
    const symbol = cursor.int()
    if (symbol < 0 || symbol >= texts.length) {
      cursor.fail(reasonCode.malformed)
      return
    }
    if (round !== cursor.round) {
      round = cursor.round
      starts.fill(-1)
    }
    if (starts[symbol] < 0) starts[symbol] = cursor.toArena(texts[symbol])
    cursor.putArenaText(field, starts[symbol], texts[symbol].length)
  }
}
