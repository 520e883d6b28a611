import avro from 'avsc'
import { ShoalError } from '../../runtime/errors.ts'
import type { SchemaRegistry, WriterSchema } from '../../runtime/ports.ts'

interface Registered {
  readonly id: number
  readonly text: string
}

/**
 * Schemas in memory, by the rules of the real registry: one id per schema, subjects evolve BACKWARD. The `known` have
 * the ids from 1 on, of whatever subject they will be.
 */
export function memoryRegistry(known: readonly string[] = []): SchemaRegistry {
  const byText = new Map<string, Registered>()
  const byId: WriterSchema[] = []
  const newestOf = new Map<string, Registered>()
  const versionsOf = new Map<string, Set<number>>()
  for (const schema of known) idOf(JSON.stringify(JSON.parse(schema)))

  function idOf(text: string): Registered {
    const given = byText.get(text)
    if (given !== undefined) return given
    const registered = { id: byId.length + 1, text }
    byText.set(text, registered)
    byId.push({ type: 'AVRO', text, references: [] })
    return registered
  }

  return {
    async register(subject, schema) {
      const type = parsed(subject, schema)
      const text = JSON.stringify(JSON.parse(schema))
      const given = byText.get(text)
      const versions = versionsOf.get(subject) ?? new Set()
      if (given !== undefined && versions.has(given.id)) return given.id
      refuseUnlessBackward(subject, type, newestOf.get(subject))
      const registered = idOf(text)
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
