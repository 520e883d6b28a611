import { expect, test } from 'vitest'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import { meteredRegistry, meteredSnapshots, requestMeter } from '../../src/runtime/request-meter.ts'
import { ManualClock } from './manual-clock.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

function world() {
  const clock = new ManualClock()
  const telemetry = recordedTelemetry()
  const inFlight = (request: string) =>
    telemetry.gauged('shoal_dependency_requests_in_flight', { dependency: 'redis', request })
  const ended = (request: string, outcome: string) =>
    telemetry.counted('shoal_dependency_requests_total', { dependency: 'redis', request, outcome })
  return { clock, telemetry, inFlight, ended, meter: requestMeter('redis', telemetry, clock) }
}

test('a request is in flight until its answer, and takes as long as that', async () => {
  const { clock, telemetry, inFlight, ended, meter } = world()
  const answer = Promise.withResolvers<number>()
  const one = meter('put', () => answer.promise)
  const other = meter('put', async () => 8)
  expect(inFlight('put')).toBe(2)
  clock.advance(250)
  answer.resolve(7)
  expect(await Promise.all([one, other])).toEqual([7, 8])
  expect(inFlight('put')).toBe(0)
  expect(ended('put', 'answered')).toBe(2)
  expect(telemetry.observed.map(({ value }) => value)).toContain(0.25)
})

test('no answer is a failure, a refusal is an answer, and both are thrown on', async () => {
  const { inFlight, ended, meter } = world()
  const fail = (error: Error) => meter('latest', () => Promise.reject(error))
  await expect(fail(new ShoalError('snapshots.unavailable', 'gone'))).rejects.toThrow('gone')
  await expect(fail(new Error('socket'))).rejects.toThrow('socket')
  await expect(fail(new ShoalError('snapshot.damaged', 'no checksum'))).rejects.toThrow('no checksum')
  expect([ended('latest', 'failed'), ended('latest', 'answered'), inFlight('latest')]).toEqual([2, 1, 0])
})

test('every call of a store and of a registry is told, but closing', async () => {
  const { clock, telemetry, meter } = world()
  const store = meteredSnapshots(
    {
      put: async () => 'written',
      latest: async () => null,
      history: async () => [],
      read: async () => null,
      close: async () => undefined,
    },
    meter,
  )
  const registry = meteredRegistry(memoryRegistry(), requestMeter('registry', telemetry, clock))
  await store.latest('a')
  await store.history('a', 1)
  await store.read('a', 1)
  await store.close()
  const id = await registry.register('a-value', '"string"')
  expect((await registry.lookup(id))?.text).toBe('"string"')
  await registry.close()
  const told = (dependency: string) =>
    telemetry.observed.filter(({ labels }) => labels.dependency === dependency).map(({ labels }) => labels.request)
  expect(told('redis')).toEqual(['latest', 'history', 'read'])
  expect(told('registry')).toEqual(['register', 'lookup'])
})
