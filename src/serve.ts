/** A process of the pipeline, put together from its adapters. */
import { type ProcessTelemetry, telemetry } from './adapters/telemetry/telemetry.ts'
import { startOpenTelemetry } from './adapters/telemetry/tracing.ts'
import type { Serving } from './cli/run.ts'
import { composeApi, openKafka, openRegistry, openSnapshots, release, reportBuild, serviceCodecs } from './compose.ts'
import type { Refusal } from './http/access/guard.ts'
import type { Api } from './http/api.ts'
import { type HttpServer, startHttp } from './http/server.ts'
import { systemClock } from './runtime/clock.ts'
import type { Configuration } from './runtime/configuration/configuration.ts'
import { warningsOf } from './runtime/configuration/warnings.ts'
import type { HealthReport } from './runtime/health.ts'
import { requestMeter } from './runtime/request-meter.ts'
import { type Service, type ServiceParts, startService } from './runtime/service.ts'
import { serviceSettings } from './runtime/service-settings.ts'
import { logDestination } from './terminal-log.ts'

const starting: HealthReport = { state: 'starting', ready: false, reasons: [], notices: [] }

/**
 * Starts one worker: telemetry and HTTP first, so that a wrong address is refused before any connection is made.
 * Worker n of a machine listens on port + n.
 */
export async function serve(
  configuration: Configuration,
  transactionalId: string,
  index: number,
  environment: NodeJS.ProcessEnv,
): Promise<Serving> {
  const said = telemetry({
    level: configuration.log.level,
    base: { worker: transactionalId },
    destination: logDestination(),
    tracing: await startOpenTelemetry(environment, { release: release(), instance: transactionalId }),
  })
  // Once a machine: its workers have one configuration.
  if (index === 0) for (const warning of warningsOf(configuration)) said.log.warn(warning)
  let service: Service | null = null
  let api: Api | null = null
  const http = await listen(configuration, index, {
    telemetry: said,
    health: () => service?.health.report() ?? starting,
    stalled: () => whyStalled(service),
    api: () => api,
    onRefused: (refusal) => {
      said.log.warn('a request was refused', { ...refusal })
      service?.audit.refused(refusal)
    },
  })
  const settings = serviceSettings(configuration)
  reportBuild(settings, said)
  const parts: ServiceParts = {
    log: openKafka(configuration, transactionalId, said.log, {
      onThrottled: (ms) => said.count('shoal_throttled_seconds_total', ms / 1000, {}),
      meter: requestMeter('kafka', said, systemClock),
    }),
    registry: openRegistry(configuration),
    snapshots: openSnapshots(configuration, said.log),
    clock: systemClock,
    telemetry: said,
    ...serviceCodecs(configuration, settings),
    configuration: { origins: configuration.origins, fingerprint: configuration.fingerprint, release: release() },
  }
  const started = startService(settings, parts)
  service = started
  api = composeApi(configuration, settings, started, parts)
  return {
    async stop() {
      try {
        await started.stop()
      } finally {
        await http?.close()
        await said.close()
      }
    },
  }
}

/** A part that has a problem says so, and waits: to start the process anew would mend nothing. */
export function whyStalled(service: Service | null): string | null {
  if (service === null || service.health.report().reasons.length > 0) return null
  return service.insight.stalled()
}

interface Told {
  readonly telemetry: ProcessTelemetry
  readonly health: () => HealthReport
  readonly stalled: () => string | null
  readonly api: () => Api | null
  readonly onRefused: (refusal: Refusal) => void
}

function listen(
  { http }: Configuration,
  index: number,
  { telemetry, health, stalled, api, onRefused }: Told,
): Promise<HttpServer | null> {
  const { host, port, grpcPort, oidc, tokensPath, requestsPerMinute, maxBodyBytes } = http
  if (port === null) return Promise.resolve(null)
  return startHttp({
    host,
    port: port === 0 ? 0 : port + index,
    grpcPort: grpcPort === null || grpcPort === 0 ? grpcPort : grpcPort + index,
    access: { tokensPath, oidc },
    requestsPerMinute,
    maxBodyBytes,
    release: release(),
    health,
    stalled,
    metrics: telemetry.expose,
    api,
    onRefused,
    clock: systemClock,
    telemetry,
  })
}
