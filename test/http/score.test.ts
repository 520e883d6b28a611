import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { decodeModel } from '../../src/core/codec/model-codec.ts'
import { freeze } from '../../src/core/score/scorer.ts'
import type { Api } from '../../src/http/api.ts'
import type { HttpServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { PublishedModel } from '../../src/runtime/model-follower.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { d, decodeAssignment, fingerprint, readTopic, run, settingsFor, until } from '../pipeline/harness.ts'
import { apiOf } from './api-of.ts'
import { listening } from './listening.ts'

const settings = settingsFor('scored', 'events', { k: 3, birthEvents: 300 })
const count = 1500
const rows = clusteredRows(count, d, 3, 5)
const lineOf = (i: number) =>
  `{"id":"e${i}",${Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')}}`

const lines = Array.from({ length: count }, (_, i) => lineOf(i))
let served: PublishedModel | null = null
let server: HttpServer
/** What the stream said of the events that `served` judged, by event id. */
const said = new Map<string, ReturnType<typeof decodeAssignment>>()

beforeAll(async () => {
  const cluster = new MemoryCluster({ clock: systemClock, retainBytes: 1 << 24 })
  const log = cluster.client()
  await log.prepare([{ topic: 'events', partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  const service = run(settings, cluster.client(), null)
  await log.publish((outputs) => {
    for (const [i, line] of lines.entries()) {
      outputs.append({ topic: 'events', partition: 0, key: null, value: Buffer.from(line), timestamp: i })
    }
  })
  const assigned = async () =>
    (await log.describe(settings.topics.assignments)) === null ? [] : readTopic(log, settings.topics.assignments)
  await until(
    async () => (await assigned()).length === count,
    () => service.health.line(),
  )
  const assignments = (await assigned()).map(decodeAssignment)
  const version = assignments[0].modelVersion
  for (const assignment of assignments)
    if (assignment.modelVersion === version) said.set(assignment.eventId, assignment)
  for (const { key, value, offset, timestamp } of await readTopic(log, settings.topics.models)) {
    if (Number(key) !== version || value === null) continue
    const decoded = decodeModel(value.subarray(wireHeaderBytes), fingerprint)
    if ('value' in decoded) served = { offset, publishedAtMs: timestamp, bytes: value, scorer: freeze(decoded.value) }
  }
  await service.stop()
  const follower = (current: () => PublishedModel | null) => ({ current }) as unknown as Api['service']['follower']
  const whole = apiOf(service, settings, log)
  const api = { ...whole, service: { ...service, follower: follower(() => served) } }
  server = await listening({
    maxBodyBytes: 1 << 21,
    api: () => api,
  })
})
afterAll(() => server.close())

const post = (path: string, body: string | Buffer, type: string) =>
  fetch(`${server.url}${path}`, { method: 'POST', body, headers: { 'content-type': type } })
const one = (body: string | Buffer) => post('/v1/score', body, 'application/json')
const batch = async (body: string, query = '') => {
  const answer = await post(`/v1/score/batch${query}`, body, 'application/x-ndjson')
  expect(answer.status).toBe(200)
  return (await answer.text())
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test('an event that is asked about is judged as the stream judged it, to the bit', async () => {
  expect(said.size).toBeGreaterThan(100)
  const answers = await batch(lines.join('\n'))
  expect(answers).toHaveLength(count)
  for (const answer of answers) {
    const assignment = said.get(answer.eventId)
    if (assignment === undefined) continue
    const { cluster, distance, score, modelVersion, remoteness, warmUp } = assignment
    expect(answer).toMatchObject({ cluster, distance, score, modelVersion, remoteness, warmUp })
  }
})

test('one event gets the same words as in a batch, and is explained', async () => {
  const [inBatch] = await batch(lines[7], '?explain=all')
  const answer = await one(lines[7])
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual(inBatch)
  expect(inBatch.contributions).toHaveLength(2)
  expect(inBatch).toMatchObject({ fingerprint, threshold: 1 - settings.budget, secondCluster: expect.any(Number) })
})

test('by default only anomalies are explained', async () => {
  const far = '{"id":"far","x0":1e6,"x1":-1e6,"x2":1e6}'
  const [usual, unusual] = await batch(`${lines[3]}\n${far}`)
  expect(usual).toMatchObject({ anomalous: false })
  expect(usual).not.toHaveProperty('contributions')
  expect(unusual).toMatchObject({ anomalous: true, contributions: expect.any(Array) })
  expect((await batch(far, '?explain=none'))[0]).not.toHaveProperty('contributions')
})

describe('an event that cannot be scored', () => {
  test.each([
    ['{"id":"a"}', 'missing_field'],
    ['{"id":"a","x0":"1","x1":1,"x2":1}', 'wrong_type'],
    ['{"id":', 'malformed'],
    ['', 'empty_value'],
    ['[]', 'malformed'],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'invalid_utf8'],
    [`{"id":"${'x'.repeat(1_100_000)}"}`, 'too_large'],
  ])('%s is answered with the reason that a dead letter would have', async (body, reason) => {
    const answer = await one(body)
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ code: 'event.invalid', detail: expect.stringContaining(`${reason}:`) })
  })

  test('in a batch takes only its own line', async () => {
    const answers = await batch(`${lines[0]}\n{"id":\n\r\n\n${lines[1]}\r\n`)
    expect(answers).toMatchObject([{ eventId: 'e0' }, { invalid: 'malformed' }, { eventId: 'e1' }])
  })
})

test('a batch without lines is answered without lines', async () => {
  expect(await batch('\n\n')).toEqual([])
})

test.each([
  [
    'a body that is too large',
    '/v1/score/batch',
    'x'.repeat(3 << 20),
    'application/x-ndjson',
    413,
    'request.too_large',
  ],
  ['a type that is no JSON', '/v1/score', '<event/>', 'text/xml', 415, 'request.unsupported'],
  ['what it cannot explain', '/v1/score/batch?explain=some', lines[0], 'application/x-ndjson', 400, 'request.invalid'],
])('%s is refused', async (_, path, body, type, status, code) => {
  const answer = await post(path, body, type)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(await answer.json()).toMatchObject({ code, status })
})

test('while there is no model, whoever asks is told to ask later', async () => {
  const before = served
  served = null
  const answer = await one(lines[0])
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({ code: 'model.unborn' })
  served = before
})
