/** Spans, by OpenTelemetry, configured by the standard's own OTEL_ environment and nothing else. */
import { SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api'

export interface Tracing {
  readonly tracer: Tracer
  /** Sends what is left. Rejects when it cannot. */
  stop(): Promise<void>
}

/**
 * Starts OpenTelemetry when the environment asks for traces (OTEL_EXPORTER_OTLP_ENDPOINT,
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_TRACES_EXPORTER), else null, and nothing of it is loaded.
 * Metrics and logs stay with Prometheus and the log. One per process: the standard's API is global.
 */
export async function startOpenTelemetry(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Tracing | null> {
  if (!asksForTraces(environment)) return null
  const { NodeSDK } = await import('@opentelemetry/sdk-node')
  const named = environment.OTEL_SERVICE_NAME !== undefined
  const sdk = new NodeSDK({ metricReaders: [], logRecordProcessors: [], ...(named ? {} : { serviceName: 'shoal' }) })
  sdk.start()
  return { tracer: trace.getTracer('shoal'), stop: () => sdk.shutdown() }
}

function asksForTraces(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false
  if (environment.OTEL_TRACES_EXPORTER !== undefined) return environment.OTEL_TRACES_EXPORTER !== 'none'
  return Boolean(environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
}

/** By which a measurement leads to the trace that it was made in; null outside of one, and in one that nobody will see. */
export function exemplarOfSpan(): Readonly<Record<string, string>> | null {
  const context = trace.getActiveSpan()?.spanContext()
  if (context === undefined || (context.traceFlags & TraceFlags.SAMPLED) === 0) return null
  return { trace_id: context.traceId, span_id: context.spanId }
}

/** Runs `work` inside a span; an error is recorded on it and thrown on. */
export function inSpan<T>(
  tracer: Tracer,
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  work: () => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes: { ...attributes } }, async (span) => {
    try {
      return await work()
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      span.recordException(error instanceof Error ? error : words)
      span.setStatus({ code: SpanStatusCode.ERROR, message: words })
      throw error
    } finally {
      span.end()
    }
  })
}
