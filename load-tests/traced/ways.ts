/** The ways in which a process is traced, as the standard's environment would set them up, but that nothing is sent. */
import { context, propagation, trace } from '@opentelemetry/api'
import { core, node, tracing as sdk } from '@opentelemetry/sdk-node'
import type { Tracing } from '../../src/adapters/telemetry/tracing.ts'

/** Each takes the place of what traced this process before. */
export const ways = {
  off: () => tracedBy(null),
  '1 %': () => tracedBy(new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(0.01) })),
  '100 %': () => tracedBy(new sdk.AlwaysOnSampler()),
} as const satisfies Readonly<Record<string, () => Tracing | null>>

export type Way = keyof typeof ways

function tracedBy(sampler: sdk.Sampler | null): Tracing | null {
  trace.disable()
  context.disable()
  propagation.disable()
  if (sampler === null) return null
  const nowhere: sdk.SpanExporter = { export: (_, told) => told({ code: 0 }), shutdown: () => Promise.resolve() }
  const provider = new node.NodeTracerProvider({ sampler, spanProcessors: [new sdk.BatchSpanProcessor(nowhere)] })
  provider.register()
  const w3c = new core.W3CTraceContextPropagator()
  return { tracer: provider.getTracer('shoal'), w3c, stop: () => provider.shutdown() }
}
