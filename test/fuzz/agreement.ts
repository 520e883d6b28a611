/** What an independent reader makes of a value, held against what became of it. */
import type avsc from 'avsc'
import { FieldColumns } from '../../src/core/fields/fields.ts'
import { expectedOf, typeOf } from '../core/avro/avro-agreement.ts'
import type { Schema } from '../core/avro/avro-random.ts'
import { eventsOf, type Outcome, outcomeOf } from '../core/fields/projecting.ts'
import type { FuzzedPipeline } from './pipeline.ts'

/**
 * Null, or how the outcome disagrees with what the value is alone, at the end of all memory, and with what avsc (or
 * JSON.parse) makes of it. The latter only of what was read to its end: avsc's own loops have no bound.
 */
export function agreement(pipeline: FuzzedPipeline, value: Buffer, outcome: string): string | null {
  const alone = outcomeAlone(pipeline, value)
  if (typeof alone === 'string' && alone !== outcome) return `alone it is ${alone}, among others ${outcome}`
  if (typeof alone !== 'string' && ofProjection.includes(outcome))
    return `alone it can be read, among others it is ${outcome}`
  if (outcome !== 'assigned') return null
  return pipeline.schema === null ? jsonAgreement(value) : avroAgreement(pipeline, pipeline.schema, value)
}

/** Reasons that nobody gives but who reads the value. */
const ofProjection = [
  'malformed',
  'invalid_utf8',
  'too_deep',
  'missing_field',
  'not_finite',
  'unknown_schema',
  'not_wire_format',
]

function outcomeAlone({ plan, projection }: FuzzedPipeline, value: Buffer): Outcome {
  const events = eventsOf([value])
  const columns = new FieldColumns(1, plan.slots)
  projection.project(events, 0, 1, columns)
  return outcomeOf(columns, 0, events)
}

function jsonAgreement(value: Buffer): string | null {
  try {
    const event: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
    return typeof event === 'object' && event !== null && !Array.isArray(event) ? null : 'no object was assigned'
  } catch (error) {
    return `what is no JSON was assigned: ${error}`
  }
}

function avroAgreement(pipeline: FuzzedPipeline, schema: Schema, value: Buffer): string | null {
  if (mayRepeatNothing(schema, new Map())) return null
  const type = typeOf(schema)
  let decoded: unknown
  try {
    decoded = type.fromBuffer(value.subarray(5))
  } catch {
    // It reads inside of blocks that say their size, where nobody has to look.
    return null
  }
  const found = outcomeAlone(pipeline, value)
  if (typeof found === 'string') return `it was assigned, and now is ${found}`
  for (const [i, field] of pipeline.plan.fields.entries()) {
    const expected = expectedOf(type as avsc.Type, decoded, field)
    if ('reason' in expected) return `${field.path} is ${expected.reason} to avsc, and was assigned`
    const digits = field.exact === true && typeof expected.value === 'number' && !Number.isSafeInteger(expected.value)
    if (!digits && !Object.is(found[i], expected.value))
      return `${field.path} is ${expected.value} to avsc: it is ${found[i]}`
  }
  return null
}

/** Whether an array's items may take no bytes, so that avsc would loop over whatever number of them is claimed. */
function mayRepeatNothing(schema: Schema, named: Map<string, Schema>): boolean {
  if (typeof schema === 'string') return false
  if (Array.isArray(schema)) return schema.some((branch) => mayRepeatNothing(branch, named))
  if ('name' in schema && schema.name !== undefined) named.set(schema.name, schema)
  switch (schema.type) {
    case 'array':
      return isEmpty(schema.items) || mayRepeatNothing(schema.items, named)
    case 'map':
      return mayRepeatNothing(schema.values, named)
    case 'record':
      return schema.fields.some(({ type }) => mayRepeatNothing(type, named))
    default:
      return false
  }
}

/** Whether all its values may be without bytes; a name that stands for another type counts as such. */
function isEmpty(schema: Schema): boolean {
  if (typeof schema === 'string') return schema === 'null' || /^T\d/.test(schema)
  if (Array.isArray(schema)) return false
  if (schema.type === 'fixed') return schema.size === 0
  return schema.type === 'record' && schema.fields.every(({ type }) => isEmpty(type))
}
