import { expect, test } from 'vitest'
import { Health } from '../../src/runtime/health.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

function started() {
  const telemetry = recordedTelemetry()
  const health = new Health(telemetry)
  return { health, telemetry, ready: () => telemetry.gauged('shoal_ready') }
}

function serving() {
  const all = started()
  all.health.running()
  all.health.modelKnown()
  return all
}

test('a process starts, waits for a model, serves, and stops', () => {
  const { health, telemetry, ready } = started()
  expect([health.line(), ready()]).toEqual(['starting', 0])
  health.running()
  expect([health.line(), ready()]).toEqual(['waiting for a model', 0])
  health.modelKnown()
  expect([health.line(), ready()]).toEqual(['serving', 1])
  health.stopping()
  expect([health.line(), ready()]).toEqual(['stopping', 0])
  expect(telemetry.log.lines.map(({ message }) => message)).toEqual(['waiting for a model', 'serving', 'stopping'])
})

test('each part that has had a problem has a gauge, 1 until it is over', () => {
  const { health, telemetry } = serving()
  const problem = (part: string) => telemetry.gauged('shoal_problem', { part })
  expect(problem('redis')).toBeNull()
  health.failed('redis', 'connection refused')
  expect([problem('redis'), problem('kafka')]).toEqual([1, null])
  health.failed('kafka', 'no broker', 'score')
  health.recovered('redis')
  expect([problem('redis'), problem('kafka')]).toEqual([0, 1])
  health.recovered('kafka', 'score')
  expect(problem('kafka')).toBe(0)
})

test('a process that stops is not made running again by a start that comes late', () => {
  const { health } = started()
  health.stopping()
  health.running()
  expect(health.line()).toBe('stopping')
})

test.each(['redis', 'registry', 'model', 'train', 'snapshots', 'lag', 'model follower'] as const)(
  'without %s it serves, degraded',
  (dependency) => {
    const { health, ready } = serving()
    health.failed(dependency, 'gone')
    expect([health.line(), ready()]).toEqual([`degraded: ${dependency}: gone`, 1])
    health.recovered(dependency)
    expect([health.line(), ready()]).toEqual(['serving', 1])
  },
)

test.each(['kafka', 'score', 'service'] as const)('without %s it is not ready', (dependency) => {
  const { health, ready } = serving()
  health.failed(dependency, 'gone')
  expect([health.line(), ready(), health.report().ready]).toEqual([`degraded: ${dependency}: gone`, 0, false])
  health.recovered(dependency)
  expect([health.line(), ready()]).toEqual(['serving', 1])
})

test('one who suffers is not healed by the success of another', () => {
  const { health } = serving()
  health.failed('kafka', 'no answer', 'lag')
  health.failed('kafka', 'no coordinator', 'score')
  expect(health.report().reasons).toEqual(['kafka: no coordinator'])
  health.recovered('kafka', 'score')
  expect(health.report().reasons).toEqual(['kafka: no answer'])
  health.recovered('kafka', 'train')
  expect(health.line()).toBe('degraded: kafka: no answer')
  health.recovered('kafka', 'lag')
  expect(health.line()).toBe('serving')
})

test('a trouble is told once, however its words change, and so is its end', () => {
  const { health, telemetry } = serving()
  const before = telemetry.log.lines.length
  for (let i = 0; i < 5; i++) health.failed('redis', `attempt ${i}`)
  health.recovered('redis')
  health.recovered('redis')
  expect(telemetry.log.lines.slice(before).map(({ level, message }) => `${level} ${message}`)).toEqual([
    'warn degraded: redis: attempt 0',
    'info serving',
  ])
  expect(health.report()).toEqual({ state: 'serving', ready: true, reasons: [], notices: [] })
})

test('a wait is told where nothing is known, and hides no reason that is', () => {
  const { health } = serving()
  health.waits('kafka', 'no answer', 'lag')
  expect(health.line()).toBe('degraded: kafka: no answer')
  health.failed('kafka', 'a transaction must end first', 'lag')
  health.waits('kafka', 'no answer', 'lag')
  expect(health.line()).toBe('degraded: kafka: a transaction must end first')
  health.recovered('kafka', 'lag')
  expect(health.line()).toBe('serving')
})

test('what fails again and again is not over between two attempts, but once nothing has failed for a while', () => {
  let nowMs = 0
  const health = new Health(recordedTelemetry(), { date: () => nowMs })
  const problems = () => health.report().reasons
  for (const atMs of [0, 15_000, 30_000]) {
    nowMs = atMs
    health.failed('score', 'not allowed')
    nowMs = atMs + 14_000
    health.settled('score', 20_000)
    expect(problems()).toEqual(['score: not allowed'])
  }
  nowMs = 50_000
  health.settled('score', 20_000)
  expect(problems()).toEqual([])
})

test('each line of the log says what is new, and no words twice', () => {
  const { health, telemetry } = serving()
  health.failed('lag', 'not allowed')
  health.failed('score', 'not allowed')
  health.failed('redis', 'gone')
  health.recovered('score')
  const lines = telemetry.log.lines.map(({ message }) => message)
  expect(lines.slice(-4)).toEqual([
    'degraded: lag: not allowed',
    'degraded: lag, score',
    'degraded: redis: gone',
    'degraded: lag, redis',
  ])
  expect(health.report().reasons).toEqual(['lag: not allowed', 'redis: gone'])
})
