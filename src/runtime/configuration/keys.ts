/** The keys of the schema as a list: what overrides, interpolation, suggestions and the reference are made from. */
import { z } from 'zod'
import { configurationSchema } from './schema.ts'

export type KeyKind = 'text' | 'number' | 'boolean' | 'list' | 'structure' | 'section'

export interface Key {
  /** Names from the root: `kafka`, `tls`, `caFile`. */
  readonly path: readonly string[]
  /** How a text stands for it: a `list` is of texts, a `structure` is written as JSON, a `section` only holds keys. */
  readonly kind: KeyKind
  readonly nullable: boolean
  readonly secret: boolean
  readonly schema: z.ZodType
}

interface Unwrapped {
  readonly schema: z.ZodType
  readonly nullable: boolean
  /** What the key is when nobody sets it; undefined: it must be set. */
  readonly fallback: unknown
}

/** A schema without its wrappers, and what they said. */
export function unwrap(schema: z.ZodType): Unwrapped {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return { ...unwrap(schema.def.innerType as z.ZodType), fallback: schema.def.defaultValue }
  }
  if (schema instanceof z.ZodNullable) return { ...unwrap(schema.def.innerType as z.ZodType), nullable: true }
  if (schema instanceof z.ZodOptional) return unwrap(schema.def.innerType as z.ZodType)
  return { schema, nullable: false, fallback: undefined }
}

/** The keys of an object schema by name (of all objects of a union), or null for any other. */
export function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | null {
  const { schema: inner } = unwrap(schema)
  if (inner instanceof z.ZodUnion) {
    return Object.assign({}, ...inner.options.map((option) => shapeOf(option as z.ZodType) ?? {}))
  }
  return inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : null
}

/** What one entry of an array schema must be, or null for any other. */
export function elementOf(schema: z.ZodType): z.ZodType | null {
  const { schema: inner } = unwrap(schema)
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : null
}

/** What a text may be turned into to fit a schema. */
export function kindOf(schema: z.ZodType): KeyKind {
  const { schema: inner } = unwrap(schema)
  if (inner instanceof z.ZodObject) return 'section'
  if (inner instanceof z.ZodNumber) return 'number'
  if (inner instanceof z.ZodBoolean) return 'boolean'
  if (inner instanceof z.ZodArray) return kindOf(inner.element as z.ZodType) === 'text' ? 'list' : 'structure'
  if (inner instanceof z.ZodUnion) return 'structure'
  return 'text'
}

export function isSecret(schema: z.ZodType): boolean {
  return schema.meta()?.writeOnly === true
}

/** Every key in the order of the schema, sections before what they hold; lists are keys, their entries are not. */
export function keysOf(schema: z.ZodType = configurationSchema, at: readonly string[] = []): readonly Key[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([name, value]) => {
    const path = [...at, name]
    const key = { path, kind: kindOf(value), nullable: unwrap(value).nullable, secret: isSecret(value), schema: value }
    return key.kind === 'section' ? [key, ...keysOf(value, path)] : [key]
  })
}

/** The schema at a path, entries of lists included, or null where there is none. */
export function schemaAt(path: readonly PropertyKey[], schema: z.ZodType = configurationSchema): z.ZodType | null {
  let current: z.ZodType | null = schema
  for (const part of path) {
    if (current === null) return null
    const shape = shapeOf(current)
    if (typeof part === 'number') current = elementOf(current)
    else current = shape !== null && Object.hasOwn(shape, part) ? (shape[part as string] ?? null) : null
  }
  return current
}
