/**
 * A schema and what is wanted of it as a program: instructions in one array, run by one loop (`avro-run.ts`). The steps of
 * `avro-wanted.ts` read the same and know every reason; a program reads what is as it should be, which nearly all events are, in
 * less than half the time, because a step is a call of a function that the caller cannot know, and an instruction is none.
 */
import type { FieldSpec } from '../fields/fields.ts'
import { type AvroStep, maxDepth } from './avro-cursor.ts'
import type { AvroField, AvroSchema, AvroType, NamedAvroType } from './avro-schema.ts'
import { AvroSkips } from './avro-skip.ts'
import { type Want, WantedSteps, wantsByField, wantsOf } from './avro-wanted.ts'

/** Each with its operands; `field` is the index of a wanted field. */
export const op = {
  /** The value ends here. */
  end: 0,
  /** Not what the program is for: the steps say what it is. */
  giveUp: 1,
  /** field */
  text: 2,
  /** count, then the field of each: doubles, one after another. */
  double: 3,
  /** field, over: milliseconds are the long over so many; 0: it is a number. */
  long: 4,
  /** field: up to 2^53, beyond which the steps read it. */
  exactLong: 5,
  /** field, times: milliseconds are the int times so many; 0: it is a number. */
  int: 6,
  /** field */
  float: 7,
  /** field */
  boolean: 8,
  /** count: strings or bytes, one after another. */
  skipSized: 9,
  /** count: bytes. */
  skipBytes: 10,
  skipLong: 11,
  skipInt: 12,
  skipBoolean: 13,
  /** count: symbols that there are. */
  skipSymbol: 14,
  /** count, then of each branch where it goes on. */
  branch: 15,
  /** where it goes on */
  jump: 16,
  /** Here begins what is wanted more than once. */
  mark: 17,
  /** Back there. */
  rewind: 18,
  /** index of the step, how deep in records it lies. */
  step: 19,
} as const

export interface AvroProgram {
  readonly code: Int32Array
  /** What is rare, or may contain itself. */
  readonly steps: readonly AvroStep[]
}

/** A longer one would be of a schema that says the same records again and again: the steps make each once. */
const mostCode = 4096
const mostOperand = 2 ** 30

/** Null where it would be too long. */
export function avroProgram(schema: AvroSchema, fields: readonly FieldSpec[]): AvroProgram | null {
  const writer = new ProgramWriter(schema)
  writer.inside(schema.root, wantsOf(fields), 0, 0)
  return writer.finish()
}

class ProgramWriter {
  private readonly schema: AvroSchema
  private readonly wanted: WantedSteps
  private readonly skips: AvroSkips
  private readonly code: number[] = []
  private readonly steps: AvroStep[] = []
  /** Records that what is skipped lies in. */
  private readonly open = new Set<string>()
  /** Where the last instruction is, if what follows may become part of it; else -1. */
  private last = -1

  constructor(schema: AvroSchema) {
    this.schema = schema
    this.wanted = new WantedSteps(schema)
    this.skips = new AvroSkips(schema)
  }

  finish(): AvroProgram | null {
    if (this.isFull()) return null
    this.emit(op.end)
    return { code: Int32Array.from(this.code), steps: this.steps }
  }

  /** As `WantedSteps.inside`, in so many records. */
  inside(type: AvroType, wants: readonly Want[], level: number, depth: number): void {
    if (this.isFull()) return
    const named = type.kind === 'reference' ? this.schema.named.get(type.name)! : null
    if (type.kind === 'null') this.missing(wants)
    else if (type.kind === 'union') this.branches(type.branches, (each) => this.inside(each, wants, level, depth))
    else if (named?.kind === 'record' && depth < maxDepth) this.record(named.fields, wants, level, depth + 1)
    else this.emit(op.giveUp)
  }

  private record(fields: readonly AvroField[], wants: readonly Want[], level: number, depth: number): void {
    const wantsOfField = wantsByField(fields, wants, level)
    const found = new Set([...wantsOfField.values()].flat())
    this.missing(wants.filter((want) => !found.has(want)))
    for (const field of fields) {
      const wanted = wantsOfField.get(field)
      if (wanted === undefined) this.skip(field.type, depth)
      else this.field(field.type, wanted, level + 1, depth)
    }
  }

  private field(type: AvroType, wants: readonly Want[], level: number, depth: number): void {
    const whole = wants.filter((want) => want.names.length === level)
    if (whole.length === 0) this.inside(type, wants, level, depth)
    // A part of what is wanted as a whole: one of the two is a wrong type, but for odd unions.
    else if (whole.length < wants.length) this.emit(op.giveUp)
    else this.whole(type, whole, depth)
  }

  private whole(type: AvroType, wants: readonly Want[], depth: number): void {
    if (wants.length > 1) this.emit(op.mark)
    for (const [i, want] of wants.entries()) {
      if (i > 0) this.emit(op.rewind)
      this.itself(type, want, depth)
    }
  }

  /** As `WantedSteps.itself`. */
  private itself(type: AvroType, want: Want, depth: number): void {
    if (this.isFull()) return
    const { index, accepts } = want
    if (type.kind === 'null') this.missing([want])
    else if (type.kind === 'union') this.branches(type.branches, (each) => this.itself(each, want, depth))
    else if (type.kind === 'boolean' && accepts.includes('boolean')) this.emit(op.boolean, index)
    else if (type.kind === 'string' && accepts.includes('text')) this.emit(op.text, index)
    else if (type.kind === 'bytes' || type.kind === 'reference') this.step(this.wanted.itself(type, want), depth)
    else if (!accepts.includes('number')) this.emit(op.giveUp)
    else if (type.kind === 'int') this.emit(op.int, index, type.isTime ? type.times : 0)
    else if (type.kind === 'long' && want.exact && !type.isTime) this.emit(op.exactLong, index)
    else if (type.kind === 'long') this.emit(op.long, index, type.isTime ? type.over : 0)
    else if (type.kind === 'float') this.emit(op.float, index)
    else if (type.kind === 'double') this.double(index)
    else this.emit(op.giveUp)
  }

  private skip(type: AvroType, depth: number): void {
    if (this.isFull()) return
    switch (type.kind) {
      case 'null':
        break
      case 'boolean':
        this.emit(op.skipBoolean)
        break
      case 'int':
        this.emit(op.skipInt)
        break
      case 'long':
        this.emit(op.skipLong)
        break
      case 'float':
        this.skipSome(op.skipBytes, 4)
        break
      case 'double':
        this.skipSome(op.skipBytes, 8)
        break
      case 'bytes':
      case 'string':
        this.skipSome(op.skipSized, 1)
        break
      case 'union':
        this.branches(type.branches, (each) => this.skip(each, depth))
        break
      case 'reference':
        this.skipNamed(type, this.schema.named.get(type.name)!, depth)
        break
      default:
        // An array or a map always has its end.
        this.step(this.skips.step(type)!, depth)
    }
  }

  private skipNamed(type: AvroType & { readonly name: string }, named: NamedAvroType, depth: number): void {
    const step = this.skips.step(type)
    // Without bytes: and without instructions nothing would bound how many records lie in one another.
    if (step === null) return
    if (named.kind === 'enum') this.emit(op.skipSymbol, named.symbols.length)
    else if (named.kind === 'fixed' && named.size <= mostOperand) this.skipSome(op.skipBytes, named.size)
    else if (named.kind === 'record' && !this.open.has(type.name) && depth < maxDepth) {
      this.open.add(type.name)
      for (const field of named.fields) this.skip(field.type, depth + 1)
      this.open.delete(type.name)
    } else this.step(step, depth)
  }

  private double(field: number): void {
    const { code, last } = this
    if (last < 0 || code[last] !== op.double) {
      this.emit(op.double, 1, field)
      return
    }
    code[last + 1]++
    code.push(field)
  }

  private skipSome(skip: number, count: number): void {
    const { code, last } = this
    if (last >= 0 && code[last] === skip && code[last + 1] + count <= mostOperand) code[last + 1] += count
    else this.emit(skip, count)
  }

  private branches(types: readonly AvroType[], write: (type: AvroType) => void): void {
    const { code } = this
    this.emit(op.branch, types.length)
    const targets = code.length
    for (const _ of types) code.push(0)
    const toEnd: number[] = []
    for (const [i, type] of types.entries()) {
      // What two ways lead to is part of neither.
      this.last = -1
      const start = code.length
      write(type)
      code[targets + i] = start
      // Without instructions it goes on behind all.
      if (code.length === start) toEnd.push(targets + i)
      else if (i < types.length - 1) {
        this.emit(op.jump, 0)
        toEnd.push(code.length - 1)
      }
    }
    for (const at of toEnd) code[at] = code.length
    this.last = -1
  }

  private missing(wants: readonly Want[]): void {
    if (wants.some(({ required }) => required)) this.emit(op.giveUp)
  }

  private step(step: AvroStep, depth: number): void {
    this.emit(op.step, this.steps.push(step) - 1, depth)
  }

  private emit(...instruction: readonly number[]): void {
    this.last = this.code.length
    this.code.push(...instruction)
  }

  private isFull(): boolean {
    return this.code.length > mostCode
  }
}
