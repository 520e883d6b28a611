/** Steps that pass over what nobody wants, checking that it is what the schema says. */

import { reasonCode } from '../fields/invalid.ts'
import type { AvroCursor, AvroStep } from './avro-cursor.ts'
import type { AvroSchema, AvroType } from './avro-schema.ts'

/** Makes the steps of one schema; each record's only once. */
export class AvroSkips {
  private readonly schema: AvroSchema
  private readonly records = new Map<string, AvroStep>()
  private readonly least: ReadonlyMap<string, number>

  constructor(schema: AvroSchema) {
    this.schema = schema
    this.least = leastBytesOfNamed(schema)
  }

  /** Passes one value of the type; null when it has no bytes. */
  step(type: AvroType): AvroStep | null {
    switch (type.kind) {
      case 'null':
        return null
      case 'boolean':
        return skipBoolean
      case 'int':
        return skipInt
      case 'long':
        return skipLong
      case 'float':
        return skipBytes(4)
      case 'double':
        return skipBytes(8)
      case 'bytes':
      case 'string':
        return skipSized
      case 'array':
        return this.blocks(leastBytes(type.items, this.least), this.step(type.items))
      case 'map':
        return this.blocks(1 + leastBytes(type.items, this.least), this.entry(type.items))
      case 'union':
        return branchStep(type.branches.map((branch) => this.step(branch) ?? nothing))
      case 'reference':
        return this.least.get(type.name) === 0 ? null : this.named(type.name)
    }
  }

  private named(name: string): AvroStep {
    const type = this.schema.named.get(name)!
    if (type.kind === 'fixed') return skipBytes(type.size)
    if (type.kind === 'enum') return skipEnum(type.symbols.length)
    const known = this.records.get(name)
    if (known !== undefined) return known
    // A record may contain itself, so its fields' steps are made when a value has one, at most as deep as values go.
    let made: AvroStep | null = null
    const step: AvroStep = (cursor) => {
      made ??= recordStep(type.fields.map((field) => this.step(field.type)).filter((step) => step !== null))
      made(cursor)
    }
    this.records.set(name, step)
    return step
  }

  private entry(items: AvroType): AvroStep {
    const value = this.step(items)
    if (value === null) return skipSized
    return (cursor) => {
      skipSized(cursor)
      value(cursor)
    }
  }

  /**
   * An array's or map's blocks. Items without bytes are passed by their number alone; items with bytes can be no more
   * than the bytes left, so that no count can make the loop longer than the event.
   */
  private blocks(leastBytes: number, item: AvroStep | null): AvroStep {
    return (cursor) => {
      cursor.enter()
      while (cursor.reason === 0) {
        const count = cursor.long()
        if (count === 0) break
        if (count < 0) skipSizedBlock(cursor, -count, leastBytes)
        else if (item !== null) skipItems(cursor, count, leastBytes, item)
      }
      cursor.leave()
    }
  }
}

/**
 * The fewest bytes that a value takes: 0 exactly when every value is empty, infinite when none can exist. What may be
 * repeated or refer back to itself counts its one certain byte.
 */
function leastBytes(type: AvroType, named: ReadonlyMap<string, number>): number {
  switch (type.kind) {
    case 'null':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'reference':
      return named.get(type.name)!
    default:
      return 1
  }
}

/** Records come down from infinity until nothing changes; one that directly contains itself stays there. */
function leastBytesOfNamed(schema: AvroSchema): ReadonlyMap<string, number> {
  const least = new Map<string, number>()
  for (const [name, type] of schema.named) {
    least.set(name, type.kind === 'fixed' ? type.size : type.kind === 'enum' ? 1 : Number.POSITIVE_INFINITY)
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, type] of schema.named) {
      if (type.kind !== 'record') continue
      const sum = type.fields.reduce((bytes, field) => bytes + leastBytes(field.type, least), 0)
      changed ||= sum !== least.get(name)
      least.set(name, sum)
    }
  }
  return least
}

/** Runs the steps of a record's fields in order. */
export function recordStep(steps: readonly AvroStep[]): AvroStep {
  return (cursor) => {
    cursor.enter()
    for (let i = 0; i < steps.length && cursor.reason === 0; i++) steps[i](cursor)
    cursor.leave()
  }
}

/** Runs the step of the branch that the value says it has. */
export function branchStep(steps: readonly AvroStep[]): AvroStep {
  return (cursor) => {
    const branch = cursor.int()
    if (branch >= 0 && branch < steps.length) steps[branch](cursor)
    else cursor.fail(reasonCode.malformed)
  }
}

/** For a value without bytes. */
export function nothing(): void {}

function skipBoolean(cursor: AvroCursor): void {
  cursor.boolean()
}

function skipInt(cursor: AvroCursor): void {
  cursor.int()
}

function skipLong(cursor: AvroCursor): void {
  cursor.skipVarint(10)
}

function skipSized(cursor: AvroCursor): void {
  cursor.advance(cursor.size())
}

function skipBytes(size: number): AvroStep {
  return (cursor) => cursor.advance(size)
}

function skipEnum(symbols: number): AvroStep {
  return (cursor) => {
    const symbol = cursor.int()
    if (symbol < 0 || symbol >= symbols) cursor.fail(reasonCode.malformed)
  }
}

/** A block that says its size: the items need not be looked at, but must have room in it. */
function skipSizedBlock(cursor: AvroCursor, count: number, leastBytes: number): void {
  const size = cursor.size()
  const fits = leastBytes === 0 ? size === 0 : count * leastBytes <= size
  if (fits) cursor.advance(size)
  else cursor.fail(reasonCode.malformed)
}

function skipItems(cursor: AvroCursor, count: number, leastBytes: number, item: AvroStep): void {
  if (count * leastBytes > cursor.end - cursor.at) {
    cursor.fail(reasonCode.malformed)
    return
  }
  for (let i = 0; i < count && cursor.reason === 0; i++) item(cursor)
}
