import { expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { expiredEvents } from '../../src/runtime/expired-events.ts'
import { Health } from '../../src/runtime/health.ts'
import { ManualClock } from './manual-clock.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

function listener() {
  const [clock, telemetry] = [new ManualClock(), recordedTelemetry()]
  const health = new Health(telemetry)
  health.running()
  health.modelKnown()
  const told = expiredEvents({ topic: 'cards', clock, telemetry, health }, new AbortController().signal)
  const counted = (partition: string) => telemetry.counted('shoal_expired_events_total', { topic: 'cards', partition })
  return { clock, telemetry, health, told, counted }
}

test('what retention deleted unread is counted, and said with its partition and offsets', () => {
  const { telemetry, told, counted } = listener()
  told({ partition: 3, from: 10, to: 15 })
  expect(counted('3')).toBe(5)
  const { level, message, fields } = telemetry.log.lines.find(({ level }) => level === 'error')!
  expect({ level, fields }).toEqual({ level: 'error', fields: { topic: 'cards', partition: 3, from: 10, to: 15 } })
  expect(message).toContain('offsets 10 to 14 of partition 3 of cards')
})

test('what has to be passed over again after a restart of the work is not counted twice', () => {
  const { told, counted } = listener()
  told({ partition: 3, from: 10, to: 15 })
  told({ partition: 3, from: 10, to: 15 })
  told({ partition: 3, from: 10, to: 18 })
  told({ partition: 4, from: 0, to: 1 })
  expect([counted('3'), counted('4')]).toEqual([8, 1])
})

test('the state shows it for ten minutes after the last, and the process serves all the while', async () => {
  const { clock, health, told } = listener()
  told({ partition: 3, from: 10, to: 15 })
  clock.advance(400_000)
  await systemClock.yield()
  told({ partition: 3, from: 15, to: 16 })
  clock.advance(400_000)
  await systemClock.yield()
  expect(health.report()).toMatchObject({ state: 'degraded', ready: true })
  expect(health.line()).toContain('retention: retention deleted offsets 15 to 15')
  clock.advance(200_001)
  await systemClock.yield()
  expect(health.report()).toMatchObject({ state: 'serving', reasons: [] })
})
