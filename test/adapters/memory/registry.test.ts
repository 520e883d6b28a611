import { describe, expect, test } from 'vitest'
import { memoryRegistry } from '../../../src/adapters/memory/registry.ts'

const schema = (...fields: readonly object[]) => JSON.stringify({ type: 'record', name: 'Event', fields })
const id = { name: 'id', type: 'string' }
const amount = { name: 'amount', type: 'double' }
const amountOrNothing = { name: 'amount', type: ['null', 'double'], default: null }

describe('the registry in memory', () => {
  test('gives a schema the same id each time, however it is spaced and whatever the subject', async () => {
    const registry = memoryRegistry()
    const first = await registry.register('a-value', schema(id))
    expect(await registry.register('a-value', JSON.stringify(JSON.parse(schema(id)), null, 2))).toBe(first)
    expect(await registry.register('b-value', schema(id))).toBe(first)
    expect(await registry.register('a-value', schema(id, amountOrNothing))).not.toBe(first)
    expect(await registry.register('a-value', schema(id))).toBe(first)
  })

  test('gives back what was registered, and null for an id that it never gave', async () => {
    const registry = memoryRegistry()
    const given = await registry.register('a-value', schema(id))
    expect(await registry.lookup(given)).toEqual({ type: 'AVRO', text: schema(id), references: [] })
    expect(await registry.lookup(given + 1)).toBeNull()
    expect(await registry.lookup(0)).toBeNull()
  })

  test('takes a schema that can read what its subject holds', async () => {
    const registry = memoryRegistry()
    await registry.register('a-value', schema(id, amount))
    await expect(registry.register('a-value', schema(id, amountOrNothing))).resolves.toBeTypeOf('number')
    await expect(registry.register('a-value', schema(id))).resolves.toBeTypeOf('number')
  })

  test('gives what was known before the ids from 1 on, in whatever order they are registered', async () => {
    const [one, two] = [schema(id), schema(id, amount)]
    const registry = memoryRegistry([one, two])
    expect(await registry.register('b-value', two)).toBe(2)
    expect(await registry.register('a-value', schema(id, amountOrNothing))).toBe(3)
    expect(await registry.register('a-value', one)).toBe(1)
    expect((await registry.lookup(2))?.text).toBe(two)
  })

  test('refuses one that cannot, by the name of the subject', async () => {
    const registry = memoryRegistry()
    await registry.register('a-value', schema(id))
    const refusal = registry.register('a-value', schema(id, amount))
    await expect(refusal).rejects.toMatchObject({ code: 'registry.refused' })
    await expect(refusal).rejects.toThrow('a-value')
    await expect(registry.register('b-value', schema(id, amount))).resolves.toBeTypeOf('number')
  })

  test.each(['not JSON', '{"type": "record"}', '{"type": "unheard-of"}'])('refuses %s', async (text) => {
    await expect(memoryRegistry().register('a-value', text)).rejects.toMatchObject({ code: 'registry.refused' })
  })
})
