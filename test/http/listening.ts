/** A server of the API on a free port, with whatever a test wants to be otherwise. */
import { type HttpOptions, type HttpServer, startHttp } from '../../src/http/server.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { silentTelemetry } from '../pipeline/harness.ts'

export function listening(options: Partial<HttpOptions> = {}): Promise<HttpServer> {
  return startHttp({
    host: '127.0.0.1',
    port: 0,
    grpcPort: null,
    access: { tokensPath: null, oidc: null },
    requestsPerMinute: 1_000_000,
    maxBodyBytes: 65_536,
    release: '0.0.0',
    health: () => ({ state: 'serving', ready: true, reasons: [], notices: [] }),
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    api: () => null,
    onRefused: () => undefined,
    clock: systemClock,
    stalled: () => null,
    telemetry: silentTelemetry(),
    ...options,
  })
}
