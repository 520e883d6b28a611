/** The registry of all worlds: what is registered there depends on no world, and is worked out once. */
import { readFileSync } from 'node:fs'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import type { SchemaRegistry, WriterSchema } from '../../src/runtime/ports.ts'
import type { AnomalyValue } from '../../src/stages/score.ts'
import { laterSchema, notARecordSchema, plainSchema, type WriterIds } from './events.ts'

export interface Schemas {
  readonly registry: Pick<SchemaRegistry, 'register' | 'lookup'>
  text(name: string): string
  encodeAnomaly(schemaId: number): (value: AnomalyValue) => Uint8Array
  /** Of events with d columns. */
  writerIds(d: number): WriterIds
}

const columns = [2, 3]
const shoals = [
  'assignment',
  'anomaly',
  'model-update',
  'model-command',
  'model',
  'profile',
  'drift-event',
  'audit',
  'primary',
]

export async function sharedSchemas(): Promise<Schemas> {
  const registry = memoryRegistry()
  const idOf = new Map<string, number>()
  const schemaOf = new Map<number, WriterSchema | null>()
  const textOf = new Map(shoals.map((name) => [name, readSchema(name)]))
  const register = async (subject: string, schema: string): Promise<number> => {
    const key = `${subject} ${schema}`
    const known = idOf.get(key)
    if (known !== undefined) return known
    const id = await registry.register(subject, schema)
    idOf.set(key, id)
    return id
  }
  // All ids are given here, so that none depends on which process of which world asks first.
  for (const name of shoals) await register(name, textOf.get(name)!)
  const writers = new Map<number, WriterIds>()
  for (const d of columns) {
    writers.set(d, {
      plain: await register(`events-${d}`, plainSchema(d)),
      later: await register(`events-${d}`, laterSchema(d)),
      notARecord: await register('notes', notARecordSchema),
    })
  }
  const encoders = new Map<number, (value: unknown) => Uint8Array>()
  return {
    registry: {
      register,
      async lookup(id) {
        const known = schemaOf.get(id)
        if (known !== undefined) return known
        const schema = await registry.lookup(id)
        schemaOf.set(id, schema)
        return schema
      },
    },
    text: (name) => textOf.get(name)!,
    encodeAnomaly(id) {
      const encode = encoders.get(id) ?? avroWriter(textOf.get('anomaly')!, id)
      encoders.set(id, encode)
      return encode
    },
    writerIds: (d) => writers.get(d)!,
  }
}

function readSchema(name: string): string {
  return readFileSync(new URL(`../../schemas/${name}.avsc`, import.meta.url), 'utf8')
}
