import { expect, test, vi } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'

test('a sleep whose signal has fired, or fires, is over at once', async () => {
  const signal = new AbortController()
  const year = 365 * 24 * 3600 * 1000
  const sleeping = systemClock.sleep(Math.min(year, 2 ** 31 - 1), signal.signal)
  signal.abort()
  await sleeping
  await systemClock.sleep(2 ** 31 - 1, signal.signal)
})

test('a sleep lasts at least its time', async () => {
  const startedMs = performance.now()
  await systemClock.sleep(20)
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(19)
})

test.each([-7, 7])('a machine whose clock is set by %i days changes the date, and no measured time', (days) => {
  const [before, dateBefore] = [systemClock.now(), systemClock.date()]
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * 86_400_000 })
  try {
    expect(Math.round((systemClock.date() - dateBefore) / 86_400_000)).toBe(days)
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(0)
    expect(systemClock.now() - before).toBeLessThan(3_600_000)
  } finally {
    vi.useRealTimers()
  }
})

test('a yield lets what waits for the event loop go first', async () => {
  const order: string[] = []
  setImmediate(() => order.push('waited'))
  await systemClock.yield()
  order.push('yielded')
  expect(order).toEqual(['waited', 'yielded'])
})
