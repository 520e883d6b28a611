/** What HTTP shows of a process of the pipeline, from before its service is there: a worker and the demo show the same. */
import type { ProcessTelemetry } from './adapters/telemetry/telemetry.ts'
import { release } from './compose.ts'
import type { Api } from './http/api.ts'
import type { HttpOptions } from './http/server.ts'
import { systemClock } from './runtime/clock.ts'
import type { HealthReport } from './runtime/health.ts'
import type { Service } from './runtime/service.ts'

/** A service with the API of it. */
export interface Running {
  readonly service: Service
  readonly api: Api
}

export type Shown = Pick<HttpOptions, 'release' | 'health' | 'stalled' | 'metrics' | 'api' | 'clock' | 'telemetry'>

const starting: HealthReport = { state: 'starting', ready: false, reasons: [], notices: [] }

/** `running`: null until the service has been started. */
export function processHttp(telemetry: ProcessTelemetry, running: () => Running | null): Shown {
  return {
    release: release(),
    health: () => running()?.service.health.report() ?? starting,
    stalled: () => whyStalled(running()?.service ?? null),
    metrics: telemetry.expose,
    api: () => running()?.api ?? null,
    clock: systemClock,
    telemetry,
  }
}

/** A part that has a problem says so, and waits: to start the process anew would mend nothing. */
function whyStalled(service: Service | null): string | null {
  if (service === null || service.health.report().reasons.length > 0) return null
  return service.insight.stalled()
}
