/** A request is a span of its caller's trace, and what is logged for it says so. */
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'
import type { ApiOf } from '../../src/http/api.ts'
import type { HttpServer } from '../../src/http/server.ts'
import { traced, untraced } from '../adapters/telemetry/traced.ts'
import { until } from '../pipeline/harness.ts'
import { listening } from './listening.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'
const traceparent = `00-${traceId}-${spanId}-01`
const proto = join(import.meta.dirname, '..', '..', 'schemas', 'scoring.proto')
const defective: ApiOf = () => {
  throw new Error('a defect')
}

let server: HttpServer
afterEach(async () => {
  await server.close()
  untraced()
})

async function observed(api: ApiOf = () => null) {
  const world = traced()
  server = await listening({ telemetry: world.said, api, grpcPort: 0 })
  const ended = (count: number) =>
    until(
      () => world.spans().length >= count,
      () => `${count} spans, and there are ${world.spans().length}`,
    )
  return { ...world, ended }
}

test('it goes on in the trace of its caller, by the conventions for HTTP', async () => {
  const { spans, ended } = await observed()
  await fetch(`${server.url}/health/live`, { headers: { traceparent } })
  await ended(1)
  expect(spans()).toMatchObject([
    {
      name: 'GET /health/live',
      kind: SpanKind.SERVER,
      parentSpanContext: { traceId, spanId },
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/health/live',
        'http.response.status_code': 200,
        'url.path': '/health/live',
        'url.scheme': 'http',
        'client.address': '127.0.0.1',
      },
      status: { code: SpanStatusCode.UNSET },
    },
  ])
})

test('neither an entity nor a query nor a path that nobody has is told', async () => {
  const { spans, ended } = await observed()
  await fetch(`${server.url}/v1/profiles/card/4111-1111?token=hush`)
  await fetch(`${server.url}/v1/4111-1111`)
  await ended(2)
  expect(spans().map(({ name }) => name)).toEqual(['GET /v1/profiles/:field/:entity', 'GET'])
  expect(JSON.stringify(spans().map(({ name, attributes }) => [name, attributes]))).not.toMatch(/4111|hush/)
})

test('that it failed is told of it, and that it was wrong is not', async () => {
  const { spans, ended } = await observed()
  await fetch(`${server.url}/v1/model`)
  await fetch(`${server.url}/v1/nothing`)
  await ended(2)
  expect(spans().map(({ attributes, status }) => [attributes['error.type'], status.code])).toEqual([
    ['503', SpanStatusCode.ERROR],
    [undefined, SpanStatusCode.UNSET],
  ])
})

test('what is logged for it names it, also when its body came later', async () => {
  const { said, spans, lines, ended } = await observed(defective)
  const sent = request(`${server.url}/v1/score`, {
    method: 'POST',
    headers: { traceparent, 'content-type': 'application/json' },
  })
  sent.write('{"x":')
  const inFlight = async () => (await said.expose(undefined)).text.includes('shoal_http_requests_in_flight 1')
  await until(inFlight, () => 'the head of the request')
  sent.end('1}')
  const [answer] = await once(sent, 'response')
  expect(answer.resume().statusCode).toBe(500)
  await ended(1)
  const [span] = spans()
  expect(lines()).toMatchObject([
    { message: 'a request failed', trace_id: traceId, span_id: span.spanContext().spanId },
  ])
})

test('how long it took leads to its trace', async () => {
  const { said, ended } = await observed()
  await fetch(`${server.url}/health/live`, { headers: { traceparent } })
  await ended(1)
  const { text } = await said.expose('application/openmetrics-text')
  const exemplar = text
    .split('\n')
    .find((line) => line.startsWith('shoal_http_request_seconds') && line.includes(' # {'))
  expect(exemplar).toContain(`trace_id="${traceId}"`)
})

test('by gRPC it is one, too', async () => {
  const { spans, lines, ended } = await observed(defective)
  type Scoring = new (
    ...of: unknown[]
  ) => { close(): void; score(event: object, metadata: Metadata, answer: (error: ServiceError) => void): void }
  const { v1 } = loadPackageDefinition(loadSync(proto)).shoal as unknown as { v1: { Scoring: Scoring } }
  const client = new v1.Scoring(`127.0.0.1:${server.grpcPort}`, credentials.createInsecure())
  const metadata = new Metadata()
  metadata.set('traceparent', traceparent)
  await new Promise((resolve) => client.score({ event: Buffer.from('{}') }, metadata, resolve))
  client.close()
  await ended(1)
  const [span] = spans()
  expect(span).toMatchObject({
    name: 'shoal.v1.Scoring/Score',
    kind: SpanKind.SERVER,
    parentSpanContext: { traceId, spanId },
    attributes: { 'rpc.system.name': 'grpc', 'rpc.method': 'shoal.v1.Scoring/Score', 'rpc.status_code': 'INTERNAL' },
    status: { code: SpanStatusCode.ERROR },
  })
  expect(lines()).toMatchObject([{ message: 'a request failed', span_id: span.spanContext().spanId }])
})
