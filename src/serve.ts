/** A process of the pipeline, put together from its adapters. */
import { telemetry } from './adapters/telemetry/telemetry.ts'
import { startOpenTelemetry } from './adapters/telemetry/tracing.ts'
import { computingThread } from './adapters/threads/computing-thread.ts'
import type { Serving } from './cli/run.ts'
import { composeApi, openKafka, openRegistry, openSnapshots, release, reportBuild, serviceCodecs } from './compose.ts'
import { type HttpOptions, type HttpServer, startHttp } from './http/server.ts'
import { processHttp, type Running, type Shown } from './process-http.ts'
import { systemClock } from './runtime/clock.ts'
import type { Configuration } from './runtime/configuration/configuration.ts'
import { warningsOf } from './runtime/configuration/warnings.ts'
import { requestMeter } from './runtime/request-meter.ts'
import { type ServiceParts, startService } from './runtime/service.ts'
import { serviceSettings } from './runtime/service-settings.ts'
import { logDestination } from './terminal-log.ts'

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
  let running: Running | null = null
  const http = await listen(configuration, index, {
    ...processHttp(said, () => running),
    onRefused: (refusal) => {
      said.log.warn('a request was refused', { ...refusal })
      running?.service.audit.refused(refusal)
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
    snapshots: openSnapshots(configuration),
    clock: systemClock,
    telemetry: said,
    computer: computingThread(said.log),
    ...serviceCodecs(configuration, settings),
    configuration: { origins: configuration.origins, fingerprint: configuration.fingerprint, release: release() },
  }
  const service = startService(settings, parts)
  running = { service, api: composeApi(configuration, settings, service, parts) }
  return {
    async stop() {
      try {
        await service.stop()
      } finally {
        await http?.close()
        await said.close()
      }
    },
  }
}

/** What its configuration says of HTTP is put to what the process shows. */
function listen(
  { http }: Configuration,
  index: number,
  shown: Shown & Pick<HttpOptions, 'onRefused'>,
): Promise<HttpServer | null> {
  const { host, port, grpcPort, oidc, tokensPath, requestsPerMinute, maxBodyBytes } = http
  if (port === null) return Promise.resolve(null)
  return startHttp({
    ...shown,
    host,
    port: port === 0 ? 0 : port + index,
    grpcPort: grpcPort === null || grpcPort === 0 ? grpcPort : grpcPort + index,
    access: { tokensPath, oidc },
    requestsPerMinute,
    maxBodyBytes,
  })
}
