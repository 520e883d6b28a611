/** A service on an embedded log of its own with its API, fed and waited for. */
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import type { Api } from '../../src/http/api.ts'
import type { HttpOptions, HttpServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { d, run, schemaText, settingsFor, until } from '../pipeline/harness.ts'
import { apiOf } from './api-of.ts'
import { listening } from './listening.ts'

export interface Serving {
  readonly api: Api
  readonly log: EventLog
  readonly server: HttpServer
  readonly settings: ServiceSettings
  /** Writes events of four clusters (x0 moved by `shift`), and some far from all, and waits until all have an outcome. */
  feed(count: number, shift?: number): Promise<void>
  get(path: string): Promise<Response>
  post(path: string, body: object): Promise<Response>
  stop(): Promise<void>
}

const partitions = 2
/** One in so many lies far from all clusters. */
const farEvery = 150

export async function serving(
  options: Partial<HttpOptions> = {},
  change: Partial<ServiceSettings> = {},
): Promise<Serving> {
  const settings = settingsFor('shown', 'events', change)
  const cluster = new MemoryCluster({ clock: systemClock, retainBytes: 1 << 26 })
  const registry = memoryRegistry()
  const log = cluster.client()
  await log.prepare([{ topic: 'events', partitions, cleanup: 'delete', owner: 'shoal' }], true)
  let done = 0
  const service = run(settings, cluster.client(), null, {
    registry,
    encodeAnomaly: (id) => avroWriter(schemaText('anomaly'), id),
    onCommitted: (facts) => {
      done += facts.valid
    },
  })
  const api = apiOf(service, settings, log, registry)
  const server = await listening({ api: () => api, health: () => service.health.report(), ...options })
  let fed = 0
  return {
    api,
    log,
    server,
    settings,
    async feed(count, shift = 0) {
      const rows = clusteredRows(count, d, 4, 11)
      await log.publish((outputs) => {
        for (let i = 0; i < count; i++) {
          const far = i % farEvery === farEvery - 1 ? 500 : 0
          const at = (c: number) => rows[i * d + c] + (c === 0 ? shift : 0) + far
          const fields = Array.from({ length: d }, (_, c) => `"x${c}":${at(c)}`).join(',')
          const value = Buffer.from(`{"id":"e${fed + i}",${fields}}`)
          const key = Buffer.from(`customer ${i % 20}`)
          outputs.append({ topic: 'events', partition: i % partitions, key, value, timestamp: systemClock.date() })
        }
      })
      fed += count
      await until(
        () => done >= fed,
        () => `${done} of ${fed}: ${service.health.line()}`,
      )
    },
    get: (path) => fetch(`${server.url}${path}`),
    post: (path, body) =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    async stop() {
      await server.close()
      await service.stop()
    },
  }
}
