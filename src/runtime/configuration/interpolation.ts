/** `${NAME}` and `${NAME:-default}` in the texts of a file, replaced after parsing: a value can never change the structure. */
import type { z } from 'zod'
import { fromText } from './from-text.ts'
import { elementOf, isSecret, kindOf, shapeOf, unwrap } from './keys.ts'
import { masked, pathText, type Violation, valueText } from './violation.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Interpolated {
  readonly value: unknown
  readonly violations: readonly Violation[]
}

/**
 * The data with its texts replaced and, where the schema wants a number, a boolean or a list, parsed. A section
 * that is there but empty is `{}`: that is what a section is whose keys are all commented out. Only what the schema
 * knows is visited, so neither depth nor cycles of the data matter.
 */
export function interpolate(data: unknown, schema: z.ZodType, env: Environment): Interpolated {
  const violations: Violation[] = []
  const visit = (value: unknown, at: z.ZodType, path: readonly PropertyKey[]): unknown => {
    if (typeof value === 'string') return value.includes('${') ? replaced(value, at, path) : value
    if (value === null) return kindOf(at) === 'section' && !unwrap(at).nullable ? {} : null
    const element = elementOf(at)
    if (Array.isArray(value)) {
      return element === null ? value : value.map((entry, index) => visit(entry, element, [...path, index]))
    }
    const shape = shapeOf(at)
    if (typeof value !== 'object' || shape === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => {
        const known = Object.hasOwn(shape, name) ? shape[name] : undefined
        return [name, known === undefined ? entry : visit(entry, known, [...path, name])]
      }),
    )
  }
  const replaced = (value: string, at: z.ZodType, path: readonly PropertyKey[]): unknown => {
    const result = replaceReferences(value, env)
    if (result.rule === null) return fromText(result.text, at)
    const got = result.reference ?? (isSecret(at) ? masked : valueText(value))
    violations.push({ key: pathText(path), rule: result.rule, got })
    return undefined
  }
  return { value: visit(data, schema, []), violations }
}

type Replacement =
  | { readonly rule: null; readonly text: string }
  | { readonly rule: string; readonly reference: string | null }

/** `$${` stands for `${` itself. An empty variable counts as unset for `:-`, as in a shell. */
function replaceReferences(source: string, env: Environment): Replacement {
  let fault: Replacement | null = null
  const text = source.replace(
    /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g,
    (match, name: string | undefined, fallback: string | undefined) => {
      if (match === '$${') return '${'
      if (name === undefined) {
        fault ??= { rule: 'must have a name and a } after ${ (a plain one is written $${)', reference: null }
        return ''
      }
      const value = env[name]
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
      if (value === undefined)
        fault ??= { rule: `needs the environment variable ${name}, which is not set`, reference: match }
      return value ?? ''
    },
  )
  return fault ?? { rule: null, text }
}
