/** What every schema registry does, as far as Shoal needs it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SchemaRegistry } from '../../src/runtime/ports.ts'

const schemaOf = (...fields: unknown[]) =>
  JSON.stringify({ type: 'record', name: 'Event', namespace: 'contract', fields })
const id = { name: 'id', type: 'string' }
const added = { name: 'added', type: 'double', default: 0 }
const required = { name: 'required', type: 'double' }
const refused = { code: 'registry.refused', retriable: false }

/** `makeSubject` gives a subject that nothing is registered under. */
export function schemaRegistryContract(
  kind: string,
  makeRegistry: () => SchemaRegistry,
  makeSubject: () => string,
): void {
  describe(`schemas in ${kind}`, () => {
    let registry: SchemaRegistry
    let subject: string

    beforeEach(() => {
      registry = makeRegistry()
      subject = makeSubject()
    })
    afterEach(() => registry.close())

    test('a schema that was registered is found by its id', async () => {
      const found = await registry.lookup(await registry.register(subject, schemaOf(id)))
      expect(found).toMatchObject({ type: 'AVRO', references: [] })
      expect(JSON.parse(found!.text)).toEqual(JSON.parse(schemaOf(id)))
    })

    test('an id that was never given is null', async () => {
      expect(await registry.lookup(2_147_483_647)).toBeNull()
      expect(await registry.lookup(0)).toBeNull()
    })

    test('the same schema under the same subject keeps its id', async () => {
      const first = await registry.register(subject, schemaOf(id))
      expect(await registry.register(subject, schemaOf(id))).toBe(first)
      expect(await registry.register(subject, schemaOf(id))).toBe(first)
    })

    test('the same schema under another subject has the same id', async () => {
      const first = await registry.register(subject, schemaOf(id))
      expect(await registry.register(makeSubject(), schemaOf(id))).toBe(first)
    })

    test('a next version with a defaulted field is taken, under an id of its own', async () => {
      const first = await registry.register(subject, schemaOf(id))
      const second = await registry.register(subject, schemaOf(id, added))
      expect(second).not.toBe(first)
      expect(JSON.parse((await registry.lookup(first))!.text).fields).toHaveLength(1)
      expect(JSON.parse((await registry.lookup(second))!.text).fields).toHaveLength(2)
    })

    test('a next version without a field is taken', async () => {
      await registry.register(subject, schemaOf(id, required))
      await expect(registry.register(subject, schemaOf(id))).resolves.toBeTypeOf('number')
    })

    test('a next version that cannot read the one before is refused, and that one stays', async () => {
      const first = await registry.register(subject, schemaOf(id))
      await expect(registry.register(subject, schemaOf(id, required))).rejects.toMatchObject(refused)
      await expect(registry.register(subject, schemaOf({ name: 'id', type: 'long' }))).rejects.toMatchObject(refused)
      expect(await registry.register(subject, schemaOf(id))).toBe(first)
    })

    test.each(['{', '{"type":"nonsense"}', '{"type":"record","name":"x"}'])(
      'the schema %j is refused',
      async (schema) => {
        await expect(registry.register(subject, schema)).rejects.toMatchObject(refused)
      },
    )

    test('ten processes that register the same new schema at the same time get the same id', async () => {
      const registries = Array.from({ length: 10 }, () => makeRegistry())
      const ids = await Promise.all(registries.map((each) => each.register(subject, schemaOf(id, added))))
      await Promise.all(registries.map((each) => each.close()))
      expect(new Set(ids).size).toBe(1)
    })
  })
}
