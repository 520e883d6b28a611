/** Spans as the standard's own exporter sends them. */
import { spansArrive } from './told-traces.ts'

spansArrive('spans arrive', async (to) => ({
  environment: {
    OTEL_EXPORTER_OTLP_ENDPOINT: to,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  },
  stop: async () => {},
}))
