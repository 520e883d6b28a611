import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, credentials, loadPackageDefinition, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { service as healthService } from 'grpc-health-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOfToken } from '../../src/runtime/configuration/token-list.ts'
import { until } from '../pipeline/harness.ts'
import { type Serving, serving } from './serving.ts'

type Call = (request: object, metadata: Metadata, answer: (error: ServiceError | null, reply: object) => void) => void
type Calls = Client & Readonly<Record<string, Call>>

const folder = mkdtempSync(join(tmpdir(), 'shoal-grpc-'))
const tokensPath = join(folder, 'tokens.yaml')
writeFileSync(
  tokensPath,
  `tokens:\n${['read', 'score'].map((role) => `  - { name: ${role}, role: ${role}, sha256: ${hashOfToken(`${role}-token`).toString('hex')} }\n`).join('')}`,
)
const proto = join(import.meta.dirname, '..', '..', 'schemas', 'scoring.proto')
const event = (id: string, x0 = 1) => Buffer.from(`{"id":"${id}","x0":${x0},"x1":2,"x2":3}`)

let world: Serving
let scoring: Calls
let health: Calls

beforeAll(async () => {
  world = await serving({ grpcPort: 0, access: { tokensPath, oidc: null }, maxBodyBytes: 100_000 })
  await world.feed(1500)
  const definition = loadSync(proto, { longs: Number, enums: String, oneofs: true, defaults: true })
  const { Scoring } = (
    loadPackageDefinition(definition).shoal as never as Record<string, Record<string, new (...of: unknown[]) => Calls>>
  ).v1
  const address = `127.0.0.1:${world.server.grpcPort}`
  scoring = new Scoring(address, credentials.createInsecure())
  const Health = loadPackageDefinition({ Health: healthService } as never).Health as unknown as new (
    ...of: unknown[]
  ) => Calls
  health = new Health(address, credentials.createInsecure())
})
afterAll(async () => {
  scoring.close()
  health.close()
  await world.stop()
  rmSync(folder, { recursive: true })
})

function call(client: Calls, method: string, request: object, role: string | null = 'score') {
  const metadata = new Metadata()
  if (role !== null) metadata.set('authorization', `Bearer ${role}-token`)
  return new Promise<ReturnType<typeof JSON.parse>>((resolve, reject) => {
    client[method](request, metadata, (error, reply) => (error === null ? resolve(reply) : reject(error)))
  })
}

/** How protobuf has what JSON has plainly. */
interface Told {
  readonly feature: string
  readonly value: { readonly number: number }
  readonly expected: { readonly number: number }
  readonly spread: number
  readonly share: number
}

test('an event gets the answer that it gets over HTTP, field by field', async () => {
  let http = await overHttp(event('a', 700))
  let grpc = await call(scoring, 'Score', { event: event('a', 700) })
  // A version may be published between the two.
  await until(
    async () => {
      http = await overHttp(event('a', 700))
      grpc = await call(scoring, 'Score', { event: event('a', 700) })
      return grpc.modelVersion === http.modelVersion
    },
    () => `one version: ${grpc.modelVersion} and ${http.modelVersion}`,
  )
  const { contributions: expected, ...rest } = http
  expect(grpc).toMatchObject(rest)
  const plain = grpc.contributions.map(({ feature, value, expected: usual, spread, share }: Told) => {
    return { feature, value: value.number, expected: usual.number, spread, share }
  })
  expect(plain).toEqual(expected)
})

async function overHttp(body: Buffer): Promise<ReturnType<typeof JSON.parse>> {
  const headers = { authorization: 'Bearer score-token', 'content-type': 'application/json' }
  return (await fetch(`${world.server.url}/v1/score`, { method: 'POST', body, headers })).json()
}

test('of many, each has its outcome in its place', async () => {
  const events = [...Array.from({ length: 1200 }, (_, i) => event(`e${i}`)), Buffer.from('{'), event('far', 1e6)]
  const { outcomes } = await call(scoring, 'ScoreBatch', { events })
  expect(outcomes).toHaveLength(events.length)
  expect(outcomes[1199]).toMatchObject({ outcome: 'scored', scored: { eventId: 'e1199', contributions: [] } })
  expect(outcomes[1200]).toMatchObject({ outcome: 'invalid', invalid: 'malformed' })
  expect(outcomes[1201].scored.anomalous).toBe(true)
  expect(outcomes[1201].scored.contributions).toHaveLength(2)
})

describe('a call', () => {
  test.each([
    ['without a token', null, { event: event('a') }, status.UNAUTHENTICATED, 'access.unknown'],
    ['of another role', 'read', { event: event('a') }, status.PERMISSION_DENIED, 'access.denied'],
    ['with what is no event', 'score', { event: Buffer.from('[]') }, status.INVALID_ARGUMENT, 'event.invalid'],
    ['with nothing', 'score', {}, status.INVALID_ARGUMENT, 'event.invalid'],
    ['that is too large', 'score', { event: Buffer.alloc(200_000, 32) }, status.RESOURCE_EXHAUSTED, 'larger than max'],
  ])('%s is refused by the code of its problem', async (_, role, request, code, details) => {
    await expect(call(scoring, 'Score', request, role)).rejects.toMatchObject({
      code,
      details: expect.stringContaining(details),
    })
  })
})

test('the health service says whether events are scored, to anybody', async () => {
  await until(
    async () => (await call(health, 'Check', { service: '' }, null)).status === 'SERVING',
    () => 'serving',
  )
  expect(await call(health, 'Check', { service: 'shoal.v1.Scoring' }, null)).toMatchObject({ status: 'SERVING' })
})

test('an address that is taken is refused by the names of the keys', async () => {
  const taken = world.server.grpcPort
  await expect(serving({ grpcPort: taken })).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringContaining('http.grpcPort'),
  })
})
