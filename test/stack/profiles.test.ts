/** Entity profiles on real Kafka: those of the committed input, bit for bit, though a process was killed at work. */
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKafka, openProjection, openRegistry } from '../../src/compose.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { eachRecord, readTopic, until } from '../pipeline/harness.ts'
import { committedProfiles, profilesOfInput } from '../pipeline/profile-truth.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { watchEnds } from './independent-reader.ts'
import { killInTransaction } from './killing.ts'
import { newPipeline, type Pipeline } from './pipeline.ts'
import { watchProgress } from './progress.ts'
import type { ShoalProcess } from './shoal-process.ts'

const events = 40_000
const deadlineMs = 100_000
/** Fewer than there are customers in a partition, so that profiles are given up, too. */
const features = `
features:
  - { field: amount, transform: log, missing: reject }
  - { profile: { entity: customer, of: amount, as: zScore }, missing: reject }
  - { profile: { entity: customer, of: amount, as: unrest }, transform: log }
  - { profile: { entity: customer, as: count24h } }
  - { profile: { entity: customer, as: kmPerHour }, transform: log }
  - { profile: { entity: customer, of: country, as: newValue } }
  - { profile: { entity: merchant, of: amount, as: ratio } }
profiles: { limit: 300 }`

describeWith(['kafka', 'registry', 'redis'], 'profiles, and a process that is killed in a transaction', (servers) => {
  let pipeline: Pipeline
  let log: EventLog
  let successor: ShoalProcess
  let survivor: ShoalProcess

  beforeAll(async () => {
    pipeline = await newPipeline(servers, features)
    const [ends, progress] = await Promise.all([watchEnds(servers.kafka), watchProgress(pipeline)])
    log = openKafka(pipeline.configuration, `${pipeline.name}-reader`, silentLog)
    const victim = await pipeline.start('victim')
    survivor = await pipeline.start('survivor')
    await until(
      async () =>
        [...(await progress.owners(pipeline.name, pipeline.input)).values()].filter((of) => of.length > 0).length === 2,
      () => `both share the input. ${victim.name} has said:\n${victim.said()}`,
      deadlineMs,
    )
    const produced = pipeline.produce(events)
    await killInTransaction(pipeline, victim, survivor, progress, ends, 0.2 * events, 0.7 * events)
    successor = await pipeline.start('successor')
    await produced
    await progress.finished(events, successor, deadlineMs)
    await Promise.all([ends.close(), progress.close()])
  }, 2 * deadlineMs)

  afterAll(async () => {
    await log?.close()
    await pipeline?.discard()
  })

  /** What the input makes, by the product's own projection of it. */
  async function recomputed() {
    const { configuration, input } = pipeline
    const settings = serviceSettings(configuration)
    const projection = openProjection(configuration, settings)
    const registry = openRegistry(configuration)
    const ids = new Set<number>()
    await eachRecord(log, input, (batch, i) => {
      for (const id of projection.unresolved(batch, i, i + 1)) ids.add(id)
    })
    for (const id of ids) projection.resolve(id, await registry.lookup(id))
    await registry.close()
    return profilesOfInput(log, input, settings.plan, settings.profiles, projection)
  }

  test('are those of the committed input, bit for bit, evictions and all', { timeout: deadlineMs }, async () => {
    const { profiles } = pipeline.configuration.topics
    const truth = await recomputed()
    const record = (await readTopic(log, profiles)).find(({ value }) => value !== null)
    const found = await committedProfiles(log, profiles)
    expect(found).toEqual(truth.byKey(record!.value!.readInt32BE(1)))
    expect(Object.keys(found).length).toBeGreaterThan(1000)
  })

  test('are in a topic that Kafka compacts, in segments that are small', async () => {
    const admin = new Kafka({ brokers: servers.kafka.split(','), logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const name = pipeline.configuration.topics.profiles
    const configNames = ['cleanup.policy', 'segment.bytes', 'message.timestamp.type']
    const resources = [{ type: ConfigResourceTypes.TOPIC, name, configNames }]
    const found = await admin.describeConfigs({ includeSynonyms: false, resources })
    const configs = found.resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue])
    await admin.disconnect()
    expect(Object.fromEntries(configs)).toEqual({
      'cleanup.policy': 'compact',
      'segment.bytes': String(64 * 1024 * 1024),
      'message.timestamp.type': 'LogAppendTime',
    })
  })

  test('were read back by whoever took the partitions over', async () => {
    const restores = (process: ShoalProcess) => process.metric('shoal_profile_restores_total')
    expect((await restores(survivor)) + (await restores(successor))).toBeGreaterThan(2)
    expect(await survivor.metric('shoal_profiles_refused_total')).toBe(0)
    expect(await survivor.metric('shoal_profile_foreign_keys_total')).toBe(0)
    expect(await survivor.health()).toBe('ready: serving')
  })

  test('of an entity that producers do not key by are warned of at the start', async () => {
    successor.signal('SIGTERM')
    const { stdout, stderr, code } = await successor.ended
    expect(code).toBe(0)
    expect(stdout + stderr).toContain('features profile merchant, which producers do not key by')
  })
})
