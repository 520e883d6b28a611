import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HttpServer } from '../../src/http/server.ts'
import type { HealthReport } from '../../src/runtime/health.ts'
import { silentTelemetry } from '../pipeline/harness.ts'
import { recordedLog } from '../runtime/recorded-log.ts'
import { listening } from './listening.ts'

let stalled: string | null
let health: HealthReport
let metrics: (accept: string | undefined) => Promise<{ contentType: string; text: string }>
let log: ReturnType<typeof recordedLog>
let server: HttpServer

beforeEach(async () => {
  stalled = null
  health = { state: 'serving', ready: true, reasons: [], notices: [] }
  metrics = async (accept) => ({ contentType: `text/${accept}`, text: 'shoal_ready 1\n' })
  log = recordedLog()
  server = await listening({
    telemetry: { ...silentTelemetry(), log },
    stalled: () => stalled,
    health: () => health,
    metrics: (accept) => metrics(accept),
  })
})
afterEach(() => server.close())

const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init)

test('a process that runs is live, whatever its state', async () => {
  health = { state: 'waiting for a model', ready: false, reasons: [], notices: [] }
  expect((await get('/health/live')).status).toBe(200)
})

test('a process whose partitions stand still is not live, and says which', async () => {
  stalled = 'partitions with unread events must move within 300 s: 3 do not'
  const answer = await get('/health/live')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ live: false, reason: stalled })
})

test.each([
  ['starting', 503],
  ['waiting for a model', 200],
  ['serving', 200],
] as const)('a process that is %s answers the probe of its start with %d', async (state, status) => {
  health = { ...health, state }
  expect((await get('/health/startup')).status).toBe(status)
})

test('a ready process says so with 200, its state and its reasons', async () => {
  health = { state: 'degraded', ready: true, reasons: ['redis: connection refused'], notices: ['critical drift'] }
  const answer = await get('/health/ready')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.json()).toEqual(health)
})

test('a process that is not ready says why with 503', async () => {
  health = { state: 'waiting for a model', ready: false, reasons: [], notices: [] }
  const answer = await get('/health/ready')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual(health)
})

test('metrics are in the format that was asked for', async () => {
  const answer = await get('/metrics', { headers: { accept: 'plain' } })
  expect(answer.headers.get('content-type')).toBe('text/plain')
  expect(await answer.text()).toBe('shoal_ready 1\n')
})

test('what fails inside is 500 for the asker and a line in the log', async () => {
  metrics = () => Promise.reject(new Error('a secret detail'))
  const answer = await get('/metrics')
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('secret')
  expect(log.lines).toMatchObject([{ level: 'error', fields: { path: '/metrics' } }])
})

test.each([
  ['GET', '/metrics/x'],
  ['POST', '/metrics'],
  ['DELETE', '/health/ready'],
])('%s %s is 404', async (method, path) => {
  expect((await get(path, { method })).status).toBe(404)
})

test('a body that is too large or is not JSON is refused without a line in the log', async () => {
  const headers = { 'content-type': 'application/json' }
  expect((await get('/x', { method: 'POST', headers, body: 'x'.repeat(5000) })).status).toBeGreaterThanOrEqual(400)
  expect((await get('/x', { method: 'POST', headers, body: '{' })).status).toBeGreaterThanOrEqual(400)
  expect(log.lines).toEqual([])
})

test('closing ends connections that clients keep open', async () => {
  const { port, hostname } = new URL(server.url)
  const idle = connect(Number(port), hostname)
  await once(idle, 'connect')
  const ended = once(idle, 'close')
  await server.close()
  await ended
})

test('an address that is taken is refused by the names of the keys', async () => {
  const port = Number(new URL(server.url).port)
  const again = listening({ port })
  await expect(again).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining('http.port') })
})
