/** What the process says about itself: a log, metrics and spans. */
import type { Telemetry } from '../../runtime/ports.ts'
import { noSpan } from '../../runtime/span.ts'
import type { Exposition } from './exposition.ts'
import { jsonLog, type LogOptions } from './log.ts'
import { metricRegistry } from './metric-registry.ts'
import { exemplarOfSpan, fieldsOfSpan, startSpan } from './spans.ts'
import type { Tracing } from './tracing.ts'

export interface TelemetryOptions extends LogOptions {
  /** Null: a span costs nothing. */
  readonly tracing: Tracing | null
}

export interface ProcessTelemetry extends Telemetry {
  /** All metrics in the format that a request's Accept header asks for: Prometheus' text, or OpenMetrics with exemplars. */
  expose(accept: string | undefined): Promise<Exposition>
}

/** The longest that the last spans may take to be sent, in ms: an end must not wait for a collector that is gone. */
const stopTracingMs = 3_000

export function telemetry(options: TelemetryOptions): ProcessTelemetry {
  const { tracing } = options
  const log = jsonLog(options, tracing === null ? undefined : fieldsOfSpan)
  const metrics = metricRegistry(tracing === null ? null : exemplarOfSpan)
  return {
    log,
    count: metrics.count,
    observe: metrics.observe,
    gauge: metrics.gauge,
    startSpan: (name, plan) => (tracing === null ? noSpan : startSpan(tracing, name, plan)),
    expose: metrics.expose,
    async close() {
      if (tracing === null) return
      try {
        await within(stopTracingMs, tracing.stop())
      } catch (error) {
        log.warn('the last spans could not be sent', { error })
      }
    },
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
