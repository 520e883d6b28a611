/** What the console knows of the entity of an anomaly, where profiles are kept. */
import { expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import { composeApi } from '../../src/compose.ts'
import { planFeatures } from '../../src/core/features/feature-plan.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { launched, opened } from '../../tools/chromium.ts'
import { feature } from '../core/features/vectorising.ts'
import { profileFeature } from '../core/profiles/profiling.ts'
import { listening } from '../http/listening.ts'
import { run, schemaText, settingsFor, until } from '../pipeline/harness.ts'

const customers = 20
const count = 1500

test('an anomaly shows what is usual of its entity, and what else of it was unusual', async () => {
  const features = [feature('amount', { kind: 'log' }), profileFeature('ratio')]
  const profiles = { limit: 1000, key: 'customer' }
  const plain = settingsFor('known', 'events', {
    plan: planFeatures({ id: 'id', time: 'at', timeUnitMs: 1, features }),
    profiles,
  })
  const settings = { ...plain, topics: { ...plain.topics, profiles: 'known.profiles' } }
  const cluster = new MemoryCluster({ clock: systemClock, retainBytes: 1 << 24 })
  const log = cluster.client()
  await log.prepare([{ topic: 'events', partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  let done = 0
  const registry = memoryRegistry()
  const service = run(settings, cluster.client(), null, {
    registry,
    encodeAnomaly: (id) => avroWriter(schemaText('anomaly'), id),
    onCommitted: (facts) => {
      done += facts.valid
    },
  })
  const configuration = { ...loadConfiguration({ text: 'name: known', env: {} }), profiles }
  const api = composeApi(configuration, settings, service, {
    ...{ log, registry, schema: schemaText, clock: systemClock, telemetry: service.telemetry },
  })
  const server = await listening({ api: () => api })
  const browser = await launched()
  try {
    const random = new Random(5)
    await log.publish((outputs) => {
      for (let i = 0; i < count; i++) {
        const customer = `c${random.below(customers)}`
        const amount = i % 100 === 99 ? 1e5 : 10 + 3 * random.uniform()
        const event = { id: `e${i}`, at: 1_700_000_000_000 + i * 60_000, customer, terminal: 't', amount }
        const [key, value] = [Buffer.from(customer), Buffer.from(JSON.stringify(event))]
        outputs.append({ topic: 'events', partition: 0, key, value, timestamp: event.at })
      }
    })
    await until(
      () => done >= count,
      () => `${done} of ${count}: ${service.health.line()}`,
    )
    const { page, complaints } = await opened(browser, `${server.url}/#/anomalies`)
    await page.locator('.groups summary').first().click()
    await page.locator('.groups a.anomaly').first().click()
    await page.getByRole('heading', { name: /Usual of customer c\d+/ }).waitFor()
    await page.getByText(/events met, the newest/).waitFor()
    await page.getByRole('heading', { name: /Of c\d+ lately/ }).waitFor()
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
    await server.close()
    await service.stop()
  }
})
