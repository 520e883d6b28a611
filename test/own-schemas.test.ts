import { expect, test } from 'vitest'
import { openRegistry, schemaText } from '../src/compose.ts'
import { loadConfiguration } from '../src/runtime/configuration/load.ts'

const configuration = loadConfiguration({ text: 'input: { format: json }\nregistry: { url: null }', env: {} })

/** Records in topics have these: one that changes makes them unreadable. */
const ids = {
  assignment: 1,
  anomaly: 2,
  'model-update': 3,
  'model-command': 4,
  model: 5,
  'drift-event': 6,
  audit: 7,
  profile: 8,
}

test('without a registry each of our schemas has its id in every process, whatever that writes or reads first', async () => {
  const [writer, reader] = [openRegistry(configuration), openRegistry(configuration)]
  for (const [name, id] of Object.entries(ids).toReversed()) {
    expect(await writer.register(`${name}-value`, schemaText(name))).toBe(id)
    expect(JSON.parse((await reader.lookup(id))!.text)).toEqual(JSON.parse(schemaText(name)))
  }
})
