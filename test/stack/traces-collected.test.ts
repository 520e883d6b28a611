/** The same through a real OpenTelemetry Collector, to which they are sent as by default: protobuf over HTTP. */
import { collectorProgram, startCollector } from '../../tools/stack/collector.ts'
import { spansArrive, type Way } from './told-traces.ts'

async function missing(): Promise<string | null> {
  try {
    await collectorProgram()
    return null
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    console.error(`\nSKIPPED: NO OPENTELEMETRY COLLECTOR. ${reason}\n`)
    return reason
  }
}

async function throughCollector(to: string): Promise<Way> {
  const { address, stop } = await startCollector({ to })
  return { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: address }, stop }
}

spansArrive('spans arrive through a Collector', (await missing()) === null ? throughCollector : null)
