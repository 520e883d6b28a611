import { expect, test } from 'vitest'
import { Backoff } from '../../src/runtime/backoff.ts'
import { type ErrorCode, ShoalError } from '../../src/runtime/errors.ts'
import { Health } from '../../src/runtime/health.ts'
import { supervise } from '../../src/runtime/supervision.ts'
import { ManualClock } from './manual-clock.ts'
import { eventually } from './model-world.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

/** A supervised task that fails whenever the test says so. */
function supervised() {
  const clock = new ManualClock()
  const telemetry = recordedTelemetry()
  const health = new Health(telemetry)
  const stop = new AbortController()
  const attempts: { readonly fail: (error: unknown) => void; readonly end: () => void }[] = []
  const attempt = () => new Promise<void>((end, fail) => attempts.push({ fail, end }))
  const over = supervise('score', attempt, { clock, telemetry, health }, stop.signal)
  return {
    clock,
    telemetry,
    health,
    stop,
    attempts,
    over,
    /** The newest attempt fails; resolves when the task waits to be started again. */
    async fails(error: unknown) {
      attempts.at(-1)?.fail(error)
      await eventually(() => expect(clock.sleepers).toBe(1))
    },
    async startsAgainAfter(ms: number) {
      const before = attempts.length
      clock.advance(ms - 1)
      await clock.yield()
      expect(attempts.length).toBe(before)
      clock.advance(1)
      await eventually(() => expect(attempts.length).toBe(before + 1))
    },
  }
}

const unavailable = new ShoalError('log.unavailable', 'nobody answers')

test('a wait doubles from 100 ms to 15 s, begins anew after a reset, and is over at once when the signal fires', async () => {
  const clock = new ManualClock()
  const backoff = new Backoff(clock)
  const stop = new AbortController()
  const waited: number[] = []
  const waits = async () => {
    const startedMs = clock.now()
    let isOver = false
    const wait = backoff.wait(stop.signal).then(() => {
      isOver = true
    })
    while (!isOver) {
      clock.advance(50)
      await clock.yield()
    }
    await wait
    waited.push(clock.now() - startedMs)
  }
  for (let i = 0; i < 9; i++) await waits()
  backoff.reset()
  await waits()
  expect(waited).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 100])
  const last = backoff.wait(stop.signal)
  stop.abort()
  await last
  expect(clock.sleepers).toBe(0)
})

test('a task that fails is started again, later each time', async () => {
  const task = supervised()
  for (const ms of [100, 200, 400, 800]) {
    await task.fails(unavailable)
    await task.startsAgainAfter(ms)
  }
  expect(task.telemetry.counted('shoal_restarts_total', { task: 'score', code: 'log.unavailable' })).toBe(4)
})

test('a task that had run for long before it failed is started again soon', async () => {
  const task = supervised()
  for (const ms of [100, 200]) {
    await task.fails(unavailable)
    await task.startsAgainAfter(ms)
  }
  task.clock.advance(30_001)
  await task.fails(unavailable)
  await task.startsAgainAfter(100)
})

test('a task that ends by itself, again and again, leaves time to others in between', async () => {
  const task = supervised()
  task.attempts.at(-1)?.end()
  await eventually(() => expect(task.clock.sleepers).toBe(1))
  await task.startsAgainAfter(100)
  expect(task.telemetry.counted('shoal_restarts_total')).toBe(0)
})

test('supervision ends at once when the signal fires, also while it waits', async () => {
  const task = supervised()
  await task.fails(unavailable)
  task.stop.abort()
  await task.over
  expect(task.attempts).toHaveLength(1)
  expect(task.clock.sleepers).toBe(0)
})

test('an error while stopping is logged, and starts nothing again', async () => {
  const task = supervised()
  task.stop.abort()
  task.attempts.at(-1)?.fail(new ShoalError('log.fenced', 'somebody else owns it'))
  await task.over
  expect(task.attempts).toHaveLength(1)
  expect(task.telemetry.log.lines).toEqual([
    { level: 'warn', message: 'score ended while stopping: somebody else owns it', fields: { code: 'log.fenced' } },
  ])
})

test.each<[ErrorCode, string, 'warn' | 'error']>([
  ['log.unavailable', 'starting: kafka: why', 'warn'],
  ['log.refused', 'starting: score: why', 'error'],
  ['log.denied', 'starting: kafka: why', 'error'],
  ['log.out_of_range', 'starting: score: why', 'error'],
  ['topics.missing', 'starting: score: why', 'error'],
  ['update.damaged', 'starting: model: why', 'error'],
  ['snapshot.newer_format', 'starting: model: why', 'error'],
  ['log.fenced', 'starting', 'warn'],
])('%s shows as %j', async (code, line, level) => {
  const task = supervised()
  await task.fails(new ShoalError(code, 'why'))
  expect(task.health.line()).toBe(line)
  const message = code === 'log.fenced' ? 'score starts again: why' : line
  expect(task.telemetry.log.lines).toMatchObject([{ level, message, fields: { code } }])
})

test('what fails in the same words again and again is said once, and counted each time', async () => {
  const task = supervised()
  for (const ms of [100, 200, 400]) {
    await task.fails(new ShoalError('log.denied', 'not let in'))
    await task.startsAgainAfter(ms)
  }
  expect(task.telemetry.log.lines.map(({ message }) => message)).toEqual(['starting: kafka: not let in'])
  await task.fails(new ShoalError('log.denied', 'not known'))
  expect(task.telemetry.log.lines.at(-1)?.message).toBe('score starts again: not known')
  expect(task.telemetry.counted('shoal_restarts_total', { task: 'score', code: 'log.denied' })).toBe(4)
})

test('an error that nobody foresaw is logged as it is, and shows', async () => {
  const task = supervised()
  const error = new TypeError('a mistake of ours')
  await task.fails(error)
  expect(task.health.line()).toBe('starting: score: a mistake of ours')
  expect(task.telemetry.log.lines[0]).toMatchObject({ level: 'error', fields: { code: 'unexpected', error } })
})
