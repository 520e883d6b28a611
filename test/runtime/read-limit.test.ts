import { expect, test } from 'vitest'
import { readLimit } from '../../src/runtime/read-limit.ts'

const allowed = { maxEvents: 50_000, maxBytes: 8_388_608 }
const events = (trainedEvents: number, halfLifeEvents = Number.POSITIVE_INFINITY, most = allowed) =>
  readLimit(most, { trainedEvents, halfLifeEvents }).maxEvents

test('a model that remembers much is taught by transactions as large as are allowed', () => {
  expect(events(800_000)).toBe(50_000)
  expect(events(10_000_000, 1_000_000)).toBe(50_000)
  expect(readLimit(allowed, { trainedEvents: 1e9, halfLifeEvents: 1e9 }).maxBytes).toBe(allowed.maxBytes)
})

test('one that is young or forgets quickly by smaller ones: a sixteenth of what it remembers, but 10,000 events', () => {
  expect(events(320_000)).toBe(20_000)
  expect(events(10_000_000, 320_000)).toBe(20_000)
  expect(events(1_000)).toBe(10_000)
  expect(events(10_000_000, 5_000)).toBe(10_000)
  expect(readLimit(allowed, null).maxEvents).toBe(10_000)
})

test('never by more than are allowed', () => {
  expect(events(10_000_000, 1_000_000, { ...allowed, maxEvents: 500 })).toBe(500)
  expect(readLimit({ ...allowed, maxEvents: 1 }, null).maxEvents).toBe(1)
})
