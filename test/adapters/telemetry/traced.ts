/** Telemetry whose spans and log lines a test can read. */
import { context, propagation, trace } from '@opentelemetry/api'
import { core, node, tracing as sdk } from '@opentelemetry/sdk-node'
import { telemetry } from '../../../src/adapters/telemetry/telemetry.ts'

/** As `startOpenTelemetry` does it, but for the collector: the active span is known by the global context. */
export function traced({ sampler = new sdk.AlwaysOnSampler() }: { readonly sampler?: sdk.Sampler } = {}) {
  const exporter = new sdk.InMemorySpanExporter()
  const provider = new node.NodeTracerProvider({ sampler, spanProcessors: [new sdk.SimpleSpanProcessor(exporter)] })
  provider.register()
  const w3c = new core.W3CTraceContextPropagator()
  const tracing = { tracer: provider.getTracer('test'), w3c, stop: () => provider.shutdown() }
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  return {
    said: telemetry({ level: 'info', destination, base: {}, tracing }),
    /** Those that have ended, in the order of their ends. */
    spans: () => exporter.getFinishedSpans(),
    lines: (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line)),
  }
}

/** The standard's API is global: another test begins without. */
export function untraced(): void {
  trace.disable()
  context.disable()
  propagation.disable()
}
