/** What probes and Prometheus ask for: /health/startup, /health/live, /health/ready, /metrics. */
import type { FastifyInstance } from 'fastify'
import type { HttpOptions } from '../server.ts'

type HealthRouteOptions = Pick<HttpOptions, 'health' | 'stalled' | 'metrics'>

/** Health answers anybody: a probe has no token. Metrics name customers' features, so they need one. */
export function addHealthRoutes(app: FastifyInstance, { health, stalled, metrics }: HealthRouteOptions): void {
  const anybody = { config: { needs: null }, schema: { hide: true } }
  app.get('/health/startup', anybody, async (_, reply) => {
    const { state } = health()
    return reply.code(state === 'starting' ? 503 : 200).send({ started: state !== 'starting' })
  })
  // That it answers says that its event loop turns. What it depends on is no reason to start it anew.
  app.get('/health/live', anybody, async (_, reply) => {
    const reason = stalled()
    return reply.code(reason === null ? 200 : 503).send(reason === null ? { live: true } : { live: false, reason })
  })
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
