/** The configuration as a JSON Schema, for editors. */
import { z } from 'zod'
import { configurationSchema } from './schema.ts'

type JsonSchema = Readonly<Record<string, unknown>>

const reference = { $ref: '#/$defs/reference' }

/** JSON Schema 2020-12 as text. What is no plain text may also be a reference to the environment. */
export function configurationJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(configurationSchema, { io: 'input' }) as JsonSchema
  const $defs = {
    reference: {
      type: 'string',
      pattern: '\\$\\{',
      description:
        'Takes a variable of the environment: its name in braces after a dollar, perhaps with :- and a default.',
    },
  }
  return `${JSON.stringify({ $schema, ...withReferences(schema), $defs }, null, 2)}\n`
}

function withReferences(schema: JsonSchema): JsonSchema {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'properties') result[name] = Object.fromEntries(Object.entries(value as JsonSchema).map(referable))
    else if (name === 'anyOf') result[name] = (value as readonly JsonSchema[]).map(withReferences)
    else if (name === 'items') result[name] = withReferences(value as JsonSchema)
    else result[name] = value
  }
  return result
}

function referable([name, value]: [string, unknown]): [string, JsonSchema] {
  const schema = withReferences(value as JsonSchema)
  const { description, default: fallback, ...rule } = schema
  const options = (Array.isArray(rule.anyOf) ? rule.anyOf : [rule]) as readonly JsonSchema[]
  if (options.some((option) => 'properties' in option || isFreeText(option))) return [name, schema]
  return [name, { description, ...('default' in schema ? { default: fallback } : {}), anyOf: [...options, reference] }]
}

/** Takes a reference as it is. */
function isFreeText(schema: JsonSchema): boolean {
  const isText = [schema.type].flat().includes('string')
  return isText && !['pattern', 'enum', 'const', 'format'].some((restriction) => restriction in schema)
}
