/** OpenTelemetry, configured by the standard's own OTEL_ environment and nothing else. */
import { trace } from '@opentelemetry/api'
import type { SpanSource } from './spans.ts'

export interface Tracing extends SpanSource {
  /** Sends what is left. Rejects when it cannot. */
  stop(): Promise<void>
}

/** What traces say of the process that they come from, unless the environment (OTEL_RESOURCE_ATTRIBUTES) says another. */
export interface TracedProcess {
  readonly release: string
  /** One of a kind among those that run at the same time. */
  readonly instance: string
}

/**
 * Starts OpenTelemetry when the environment asks for traces (OTEL_EXPORTER_OTLP_ENDPOINT,
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_TRACES_EXPORTER), else null, and nothing of it is loaded.
 * Metrics and logs stay with Prometheus and the log. One per process: the standard's API is global.
 */
export async function startOpenTelemetry(
  environment: Readonly<Record<string, string | undefined>>,
  { release, instance }: TracedProcess,
): Promise<Tracing | null> {
  if (!asksForTraces(environment)) return null
  const { NodeSDK, core, resources } = await import('@opentelemetry/sdk-node')
  const service = { 'service.name': 'shoal', 'service.version': release, 'service.instance.id': instance }
  const resource = resources.defaultResource().merge(resources.resourceFromAttributes(service))
  const sdk = new NodeSDK({ metricReaders: [], logRecordProcessors: [], resource })
  sdk.start()
  return {
    tracer: trace.getTracer('shoal', release),
    w3c: new core.W3CTraceContextPropagator(),
    stop: () => sdk.shutdown(),
  }
}

function asksForTraces(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false
  // By the standard an empty variable is none.
  if (environment.OTEL_TRACES_EXPORTER) return environment.OTEL_TRACES_EXPORTER !== 'none'
  return Boolean(environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
}
