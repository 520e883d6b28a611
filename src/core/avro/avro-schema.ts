/** An Avro writer schema (specification 1.11), read from its JSON into types that refer to each other by name. */

import { isJsonObject, parseJson } from '../fields/json-text.ts'
import { decimalScale, timeUnit } from './avro-logical.ts'

export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'float' | 'double' | 'string' }
  /** Times and dates become milliseconds by value · times / over. */
  | { readonly kind: 'int' | 'long'; readonly times: number; readonly over: number; readonly isTime: boolean }
  | { readonly kind: 'bytes'; readonly decimalScale: number | null }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  /** A named type: where it is used, and where it is defined. Every name is in `AvroSchema.named`. */
  | { readonly kind: 'reference'; readonly name: string }

export type NamedAvroType =
  | { readonly kind: 'record'; readonly fields: readonly AvroField[] }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'fixed'; readonly size: number; readonly decimalScale: number | null }

export interface AvroField {
  readonly name: string
  /** Earlier names of the field. */
  readonly aliases: readonly string[]
  readonly type: AvroType
}

export interface AvroSchema {
  readonly root: AvroType
  /** By full name: `namespace.Name`. */
  readonly named: ReadonlyMap<string, NamedAvroType>
}

export type AvroSchemaResult =
  | { readonly ok: true; readonly schema: AvroSchema }
  /** `problem` states the rule that the schema breaks and the offending value. */
  | { readonly ok: false; readonly problem: string }

/** All texts of a schema together may have this many characters, and this many types and fields. */
const maxTextLength = 1024 * 1024
const maxNodes = 10_000
const maxNesting = 256

const primitives: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
])

/**
 * Reads a schema and the schemas whose names it uses, those in any order. Lenient where the meaning is plain
 * (unknown attributes and logical types, unusual names), since the registry has accepted it.
 */
export function parseAvroSchema(text: string, references: readonly string[] = []): AvroSchemaResult {
  const texts = new Set([...references, text])
  let length = 0
  for (const one of texts) length += one.length
  if (length > maxTextLength) return refused(`a schema may have ${maxTextLength} characters: got ${length}`)

  const reader = new SchemaReader()
  let root: AvroType = { kind: 'null' }
  for (const one of texts) {
    const type = reader.type(parseJson(one), '', 0)
    if (one === text) root = type
  }
  reader.checkReferences()
  if (reader.problem !== null) return refused(reader.problem)
  return { ok: true, schema: { root, named: reader.named } }
}

function refused(problem: string): AvroSchemaResult {
  return { ok: false, problem }
}

/** Walks the JSON. The first problem is kept; what is returned after it means nothing. */
class SchemaReader {
  readonly named = new Map<string, NamedAvroType>()
  problem: string | null = null
  private readonly used = new Set<string>()
  private nodes = 0

  type(json: unknown, namespace: string, depth: number): AvroType {
    if (!this.mayGoOn(depth)) return { kind: 'null' }
    if (typeof json === 'string') return this.byName(json, namespace, {})
    if (Array.isArray(json)) {
      return { kind: 'union', branches: json.map((branch) => this.type(branch, namespace, depth + 1)) }
    }
    if (!isJsonObject(json)) return this.refuse('a type must be a name, an array or an object', json)
    switch (json.type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.definition(json, json.type, namespace, depth)
      case 'array':
        return { kind: 'array', items: this.type(json.items, namespace, depth + 1) }
      case 'map':
        return { kind: 'map', items: this.type(json.values, namespace, depth + 1) }
      default:
        if (typeof json.type === 'string') return this.byName(json.type, namespace, json)
        return this.type(json.type, namespace, depth + 1)
    }
  }

  /** To be called after the last text. */
  checkReferences(): void {
    for (const name of this.used) if (!this.named.has(name)) this.refuse('a name must be defined', name)
  }

  private byName(name: string, namespace: string, attributes: { readonly [name: string]: unknown }): AvroType {
    if (!primitives.has(name)) {
      const full = fullName(name, namespace)
      this.used.add(full)
      return { kind: 'reference', name: full }
    }
    const kind = name as 'null' | 'boolean' | 'float' | 'double' | 'string' | 'int' | 'long' | 'bytes'
    if (kind === 'int' || kind === 'long') return { kind, ...timeUnit(kind, attributes) }
    if (kind === 'bytes') return { kind, decimalScale: decimalScale(attributes, null) }
    return { kind }
  }

  private definition(
    json: { readonly [name: string]: unknown },
    kind: 'record' | 'error' | 'enum' | 'fixed',
    outer: string,
    depth: number,
  ): AvroType {
    if (typeof json.name !== 'string' || json.name === '')
      return this.refuse('a named type must have a name', json.name)
    const name = fullName(json.name, typeof json.namespace === 'string' ? json.namespace : outer)
    if (this.named.has(name)) return this.refuse('a name must be defined once', name)
    if (kind === 'enum') this.named.set(name, this.enumeration(json.symbols))
    else if (kind === 'fixed') this.named.set(name, this.fixed(json))
    else {
      // The name must be taken before the fields are read, or a second definition inside would pass.
      this.named.set(name, { kind: 'record', fields: [] })
      const namespace = name.slice(0, Math.max(0, name.lastIndexOf('.')))
      this.named.set(name, { kind: 'record', fields: this.fields(json.fields, namespace, depth) })
    }
    return { kind: 'reference', name }
  }

  private enumeration(symbols: unknown): NamedAvroType {
    if (isTexts(symbols)) return { kind: 'enum', symbols }
    this.refuse('symbols must be an array of strings', symbols)
    return { kind: 'enum', symbols: [] }
  }

  private fixed(json: { readonly [name: string]: unknown }): NamedAvroType {
    const size = json.size
    if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) {
      return { kind: 'fixed', size, decimalScale: decimalScale(json, size) }
    }
    this.refuse('size must be an integer of at least 0', size)
    return { kind: 'fixed', size: 0, decimalScale: null }
  }

  private fields(json: unknown, namespace: string, depth: number): readonly AvroField[] {
    if (!Array.isArray(json)) {
      this.refuse('fields must be an array', json)
      return []
    }
    const fields: AvroField[] = []
    const names = new Set<string>()
    for (const field of json as readonly unknown[]) {
      if (!isJsonObject(field) || typeof field.name !== 'string' || names.has(field.name)) {
        this.refuse('a field must be an object with a name of its own', field)
        return []
      }
      names.add(field.name)
      const aliases = isTexts(field.aliases) ? field.aliases : []
      fields.push({ name: field.name, aliases, type: this.type(field.type, namespace, depth + 1) })
    }
    return fields
  }

  private mayGoOn(depth: number): boolean {
    this.nodes++
    if (this.nodes > maxNodes) this.refuse(`a schema may have ${maxNodes} types and fields`, this.nodes)
    if (depth > maxNesting) this.refuse(`types may be nested ${maxNesting} deep`, depth)
    return this.problem === null
  }

  private refuse(rule: string, value: unknown): AvroType {
    this.problem ??= `${rule}: got ${described(value)}`
    return { kind: 'null' }
  }
}

/** Short, whatever the value: JSON may be too deep to be written out again. */
function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100))
  if (Array.isArray(value)) return 'an array'
  return isJsonObject(value) ? 'an object' : String(value)
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

function isTexts(json: unknown): json is readonly string[] {
  return Array.isArray(json) && json.every((item) => typeof item === 'string')
}
