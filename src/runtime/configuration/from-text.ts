/** A value that came as text, from the environment, as its key's kind. */
import type { z } from 'zod'
import { isSecret, kindOf, unwrap } from './keys.ts'

const numberPattern = /^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/

/**
 * The text as the schema's kind: a number, `true` or `false`, a list separated by commas, JSON for a structure,
 * `null` where null is allowed. A text that is none of these stays a text, which the schema then refuses.
 */
export function fromText(text: string, schema: z.ZodType): unknown {
  if (isSecret(schema)) return text
  if (text === 'null' && unwrap(schema).nullable) return null
  switch (kindOf(schema)) {
    case 'number':
      return numberPattern.test(text.trim()) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'list':
      return text.split(',').map((entry) => entry.trim())
    case 'structure':
      return parsedJson(text)
    default:
      return text
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
