import avro from 'avsc'
import { ShoalError } from '../../runtime/errors.ts'
import type { SchemaRegistry, WriterSchema } from '../../runtime/ports.ts'

interface Registered {
  readonly id: number
  readonly text: string
}

/** Schemas in memory, by the rules of the real registry: one id per schema, subjects evolve BACKWARD. */
export function memoryRegistry(): SchemaRegistry {
  const byText = new Map<string, Registered>()
  const byId: WriterSchema[] = []
  const newestOf = new Map<string, Registered>()
  const versionsOf = new Map<string, Set<number>>()

  return {
    async register(subject, schema) {
      const type = parsed(subject, schema)
      const text = JSON.stringify(JSON.parse(schema))
      const known = byText.get(text)
      const versions = versionsOf.get(subject) ?? new Set()
      if (known !== undefined && versions.has(known.id)) return known.id
      refuseUnlessBackward(subject, type, newestOf.get(subject))
      const registered = known ?? { id: byId.length + 1, text }
      if (known === undefined) {
        byText.set(text, registered)
        byId.push({ type: 'AVRO', text, references: [] })
      }
      newestOf.set(subject, registered)
      versionsOf.set(subject, versions.add(registered.id))
      return registered.id
    },

    async lookup(id) {
      return byId[id - 1] ?? null
    },

    async close() {},
  }
}

function parsed(subject: string, schema: string): avro.Type {
  try {
    return avro.Type.forSchema(JSON.parse(schema))
  } catch (cause) {
    throw new ShoalError('registry.refused', `a schema of ${subject} must be valid Avro: ${String(cause)}`, { cause })
  }
}

/** BACKWARD: the new schema reads what the newest one wrote. */
function refuseUnlessBackward(subject: string, reader: avro.Type, newest: Registered | undefined): void {
  if (newest === undefined) return
  try {
    reader.createResolver(avro.Type.forSchema(JSON.parse(newest.text)))
  } catch (cause) {
    const rule = `a schema of ${subject} must read what its version before (id ${newest.id}) wrote`
    throw new ShoalError('registry.refused', `${rule}: ${String(cause)}`, { cause })
  }
}
