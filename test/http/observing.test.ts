import { afterEach, expect, test } from 'vitest'
import type { HttpServer } from '../../src/http/server.ts'
import { until } from '../pipeline/harness.ts'
import { recordedTelemetry } from '../runtime/recorded-telemetry.ts'
import { listening } from './listening.ts'

let server: HttpServer
afterEach(() => server.close())

test('every request is counted by its route, also one that is refused or asks for what there is not', async () => {
  const telemetry = recordedTelemetry()
  server = await listening({ telemetry })
  await fetch(`${server.url}/health/live`)
  await fetch(`${server.url}/v1/status`)
  await fetch(`${server.url}/v1/${'x'.repeat(50)}`)
  const of = (labels: Record<string, string>) => telemetry.counted('shoal_http_requests_total', labels)
  await until(
    () => of({}) === 3,
    () => `${of({})} of 3`,
  )
  expect(of({ method: 'GET', route: '/health/live', status: '2xx' })).toBe(1)
  expect(of({ method: 'GET', route: '/v1/status', status: '5xx' })).toBe(1)
  expect(of({ method: 'GET', route: 'unknown', status: '4xx' })).toBe(1)
  expect(telemetry.spans).toEqual(['GET /health/live', 'GET /v1/status', 'GET'])
  expect(telemetry.gauged('shoal_http_requests_in_flight')).toBe(0)
})
