import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { planFeatures } from '../../src/core/features/feature-plan.ts'
import { profileKinds } from '../../src/core/features/features.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import type { HttpServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { feature } from '../core/features/vectorising.ts'
import { profileFeature } from '../core/profiles/profiling.ts'
import { decodeAssignment, type RunningService, readTopic, run, settingsFor, until } from '../pipeline/harness.ts'
import { apiOf } from './api-of.ts'
import { listening } from './listening.ts'

const features = [feature('amount', { kind: 'log' }), ...profileKinds.map((as) => profileFeature(as))]
const plain = settingsFor('known', 'events', {
  plan: planFeatures({ id: 'id', time: 'at', timeUnitMs: 1, features }),
  profiles: { limit: 1000, key: 'customer' },
})
const settings = { ...plain, topics: { ...plain.topics, profiles: 'known.profiles' } }
const customers = 20
const partitions = 2
const random = new Random(5)

let log: EventLog
let service: RunningService
let server: HttpServer
let made = 0
let done = 0

function eventOf(customer: number, amount: number) {
  const i = made++
  const place = { latitude: 50 + random.gaussian(), longitude: 8 + random.gaussian(), device: i % 7 }
  return { id: `e${i}`, at: 1_700_000_000_000 + i * 60_000, customer: `c${customer}`, terminal: 't', amount, ...place }
}

async function produce(events: readonly ReturnType<typeof eventOf>[]): Promise<void> {
  await log.publish((outputs) => {
    for (const event of events) {
      const value = Buffer.from(JSON.stringify(event))
      const partition = Number(event.customer.slice(1)) % partitions
      outputs.append({ topic: 'events', partition, key: Buffer.from(event.customer), value, timestamp: event.at })
    }
  })
  await until(
    () => done >= made,
    () => `${done} of ${made}: ${service.health.line()}`,
  )
}

beforeAll(async () => {
  const cluster = new MemoryCluster({ clock: systemClock })
  log = cluster.client()
  await log.prepare([{ topic: 'events', partitions, cleanup: 'delete', owner: 'shoal' }], true)
  service = run(settings, cluster.client(), null, {
    onCommitted: (facts) => {
      done += facts.valid
    },
  })
  const api = apiOf(service, settings, log)
  server = await listening({ api: () => api })
  await produce(Array.from({ length: 1500 }, () => eventOf(random.below(customers), 10 + 3 * random.gaussian())))
})
afterAll(async () => {
  await server.close()
  await service.stop()
})

async function scored(event: object, query = ''): Promise<ReturnType<typeof JSON.parse>> {
  const headers = { 'content-type': 'application/json' }
  return (
    await fetch(`${server.url}/v1/score${query}`, { method: 'POST', body: JSON.stringify(event), headers })
  ).json()
}

describe('an event that is asked about', () => {
  test.each([
    ['of a known customer', 3, 500],
    ['of a customer of another partition', 4, 12],
  ])('%s is judged as it is when it comes next, and being asked about changes nothing', async (_, customer, amount) => {
    const event = eventOf(customer, amount)
    let before = await scored(event)
    // What the last events taught may still be on its way.
    await until(
      async () => {
        const again = await scored(event)
        const isStill = again.modelVersion === before.modelVersion
        before = again
        await systemClock.sleep(100)
        return isStill && service.follower.current()?.scorer.version === again.modelVersion
      },
      () => 'a version that stays',
    )
    expect(await scored(event)).toEqual(before)
    await produce([event])
    const assignments = (await readTopic(log, settings.topics.assignments)).map(decodeAssignment)
    const { cluster, distance, score, modelVersion, remoteness } = assignments.find(
      ({ eventId }) => eventId === event.id,
    )!
    expect(before).toMatchObject({ cluster, distance, score, modelVersion, remoteness })
    expect(before.profiles).toEqual(['customer'])
  })

  test('of a customer who is new is judged all the same, by what is usual of all', async () => {
    const event = eventOf(77, 12)
    expect(await scored(event)).toMatchObject({ profiles: [], anomalous: expect.any(Boolean) })
    done++
  })

  test('is judged without them where nobody wants them', async () => {
    const event = eventOf(3, 500)
    const without = await scored(event, '?profile=none')
    expect(without.profiles).toEqual([])
    expect(without.remoteness).not.toBe((await scored(event)).remoteness)
    done++
  })
})

describe('a profile', () => {
  const get = async (path: string) => fetch(`${server.url}/v1/profiles/${path}`)

  test('says what is usual of its entity', async () => {
    const answer = await get('customer/c3')
    expect(answer.status).toBe(200)
    const profile = (await answer.json()) as ReturnType<typeof JSON.parse>
    expect(profile).toMatchObject({ field: 'customer', entity: 'c3', partition: 1 })
    expect(profile.places).toHaveLength(1)
    expect(profile.events).toBeGreaterThan(30)
    expect(profile.usual[0].mean).toBeGreaterThan(5)
    expect(profile.usual[0].mean).toBeLessThan(15)
  })

  test.each(['customer/nobody', 'amount/10', 'customer/%00'])('%s is unknown', async (path) => {
    const answer = await get(path)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'profile.unknown' })
  })
})
