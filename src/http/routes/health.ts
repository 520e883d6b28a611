/** What probes and Prometheus ask for: /health/live, /health/ready, /metrics. */
import type { FastifyInstance } from 'fastify'
import type { HttpOptions } from '../server.ts'

type HealthRouteOptions = Pick<HttpOptions, 'health' | 'metrics'>

/** Health answers anybody: a probe has no token. Metrics name customers' features, so they need one. */
export function addHealthRoutes(app: FastifyInstance, { health, metrics }: HealthRouteOptions): void {
  const anybody = { config: { needs: null }, schema: { hide: true } }
  app.get('/health/live', anybody, async () => ({ live: true }))
  app.get('/health/ready', anybody, async (_, reply) => {
    const { state, ready, reasons, notices } = health()
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ state, ready, reasons, notices })
  })
  app.get('/metrics', { config: { needs: 'read' }, schema: { hide: true } }, async (request, reply) => {
    const { contentType, text } = await metrics(request.headers.accept)
    return reply.header('content-type', contentType).send(text)
  })
}
