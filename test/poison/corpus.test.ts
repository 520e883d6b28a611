/** Promise 1 and 5 on the embedded log: every record of the corpus has exactly the outcome that it must have. */
import { describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { serviceCodecs } from '../../src/compose.ts'
import { invalidReasons } from '../../src/core/fields/invalid.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { SchemaRegistry } from '../../src/runtime/ports.ts'
import { startService } from '../../src/runtime/service.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { until } from '../pipeline/harness.ts'
import { recordedTelemetry } from '../runtime/recorded-telemetry.ts'
import { type Writer, type WriterIds, writers } from './avro-writers.ts'
import { avroCorpus, type Corpus, jsonCorpus, mixed } from './corpus.ts'
import { birthEvents, configurationText } from './pipeline-under-poison.ts'
import type { PoisonRecord } from './poison-record.ts'
import { differences, expectedOf, foundIn, type SentRecord } from './verdict.ts'

const partitions = 3
const jsonId = 1_000_000

/** A registry that knows the writers' schemas, and one that is not Avro. */
async function registryOfWriters(): Promise<{ readonly registry: SchemaRegistry; readonly ids: WriterIds }> {
  const avro = memoryRegistry()
  const ids: [string, number][] = []
  for (const name of Object.keys(writers) as Writer[]) {
    ids.push([name, await avro.register(name, JSON.stringify(writers[name]))])
  }
  const lookup: SchemaRegistry['lookup'] = async (id) =>
    id === jsonId ? { type: 'JSON', text: '{"type":"object"}', references: [] } : avro.lookup(id)
  return { registry: { ...avro, lookup }, ids: { ...Object.fromEntries(ids), json: jsonId } as WriterIds }
}

/** Sends the records over the partitions in turn, runs the service until each has an outcome, and gives both sides. */
async function judged(format: 'avro' | 'json', registry: SchemaRegistry, records: readonly PoisonRecord[]) {
  const cluster = new MemoryCluster({ clock: systemClock })
  // Records of one's worst imagination are a drift: it would be told.
  const text = `${configurationText('poisoned', format)}\ndrift:\n  enabled: false\n`
  const configuration = loadConfiguration({ text, env: {} })
  const settings = serviceSettings(configuration)
  const { topics } = settings
  const log = cluster.client()
  cluster.create({ topic: topics.input, partitions, cleanup: 'delete', owner: 'user', maxMessageBytes: 12 << 20 })
  const sent = records.map((record, i): SentRecord => {
    const timestamp = record.timestamp ?? 1_760_000_000_000 + i
    return { ...record, partition: i % partitions, offset: Math.floor(i / partitions), timestamp }
  })
  await log.publish((outputs) => {
    for (const { partition, key, value, timestamp, headers } of sent) {
      outputs.append({ topic: topics.input, partition, key, value, timestamp, headers })
    }
  })
  const telemetry = recordedTelemetry()
  const service = startService(settings, {
    log: cluster.client(),
    registry,
    snapshots: null,
    clock: systemClock,
    telemetry,
    ...serviceCodecs(configuration, settings),
  })
  const outcomes = () => telemetry.counted('shoal_events_total') + telemetry.counted('shoal_dead_letters_total')
  await until(
    () => outcomes() >= sent.length || telemetry.counted('shoal_restarts_total') > 0,
    () => `${sent.length} outcomes: there are ${outcomes()}; ${service.health.line()}`,
    25_000,
  )
  const { verdicts, disorder } = await foundIn(log, topics, sent)
  await service.stop()
  return { telemetry, verdicts, disorder, expected: expectedOf(sent, topics, settings.name) }
}

/** In the head, which the model is born from, and behind it. */
function twice({ poison, good, unseen }: Corpus): readonly PoisonRecord[] {
  return [
    ...mixed(good(birthEvents, 1), poison),
    ...unseen(1000),
    ...mixed(good(birthEvents, 2), poison),
    ...good(50, 3),
  ]
}

describe.each([
  ['avro', async () => registryOfWriters().then(({ registry, ids }) => ({ registry, corpus: avroCorpus(ids) }))],
  ['json', async () => ({ registry: memoryRegistry(), corpus: jsonCorpus() })],
] as const)('the corpus in %s', (format, made) => {
  test('has at least 200 records, each with a name of its own', async () => {
    const { poison } = (await made()).corpus
    expect(new Set(poison.map(({ name }) => name)).size).toBe(poison.length)
    expect(poison.length).toBeGreaterThanOrEqual(200)
  })

  test('has one outcome for each of its records, wherever it lies: the one that it must have, and in order', async () => {
    const { registry, corpus } = await made()
    const { verdicts, disorder, expected, telemetry } = await judged(format, registry, twice(corpus))
    const errors = telemetry.log.lines.filter(({ level }) => level !== 'info')
    expect(errors.map(({ message, fields }) => [message, fields?.error])).toEqual([])
    expect(differences(expected, verdicts)).toEqual([])
    expect(disorder).toEqual([])
    expect(telemetry.counted('shoal_restarts_total')).toBe(0)
  })
})

test('the corpus knows every reason that an event can be invalid for', async () => {
  const { ids } = await registryOfWriters()
  const outcomes = [...avroCorpus(ids).poison, ...jsonCorpus().poison].map(({ outcome }) => outcome)
  expect([...new Set(outcomes)].sort()).toEqual(
    invalidReasons.map((reason) => (reason === 'valid' ? 'assigned' : reason)).sort(),
  )
})
