/** The BACKWARD rule of the public contracts, as a real registry applies it. */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { confluentRegistry } from '../../src/adapters/registry/confluent-registry.ts'
import { describeWith } from '../servers.ts'

const folder = join(import.meta.dirname, '..', '..', 'schemas')
const files = readdirSync(folder).filter((file) => file.endsWith('.avsc'))

describeWith(['registry'], 'a real registry', (addresses) => {
  const registry = confluentRegistry({
    url: addresses.registry,
    auth: { kind: 'none' },
    tls: null,
    timeoutMs: 20_000,
    clock: Date,
  })
  afterAll(() => registry.close())

  describe.each(files)('%s', (file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const schema = JSON.parse(text)
    const next = (fields: unknown[]) => JSON.stringify({ ...schema, fields })
    const added = { name: 'addedLater', type: 'double', doc: 'Added later.' }

    test('takes the schema as it stands in the folder, every time under the same id', async () => {
      const subject = `${randomUUID()}-value`
      expect(await registry.register(subject, text)).toBe(await registry.register(subject, text))
    })

    test('takes a next version with a defaulted field', async () => {
      const subject = `${randomUUID()}-value`
      const first = await registry.register(subject, text)
      const second = await registry.register(subject, next([...schema.fields, { ...added, default: 0 }]))
      expect(second).not.toBe(first)
    })

    test('takes a next version without its last field', async () => {
      const subject = `${randomUUID()}-value`
      const first = await registry.register(subject, text)
      expect(await registry.register(subject, next(schema.fields.slice(0, -1)))).not.toBe(first)
    })

    test('refuses a next version with a field that has no default', async () => {
      const subject = `${randomUUID()}-value`
      await registry.register(subject, text)
      await expect(registry.register(subject, next([...schema.fields, added]))).rejects.toMatchObject({
        code: 'registry.refused',
      })
    })
  })
})
