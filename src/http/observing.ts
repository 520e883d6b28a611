/** What is told of every request: how many, how long, with what end, and a span that it runs in. */
import type { FastifyInstance } from 'fastify'
import type { Clock, Telemetry } from '../runtime/ports.ts'

/** Adds the hooks; to be called before any other, so that who was refused is counted, too. */
export function observeRequests(app: FastifyInstance, telemetry: Telemetry, clock: Pick<Clock, 'now'>): void {
  let inFlight = 0
  const move = (by: number) => {
    inFlight += by
    telemetry.gauge('shoal_http_requests_in_flight', inFlight, {})
  }
  app.addHook('onRequest', (request, reply, done) => {
    const startedMs = clock.now()
    const { method } = request
    // A path that nobody has is whatever the client makes of it.
    const route = request.routeOptions.url ?? 'unknown'
    move(1)
    const attributes = { 'http.request.method': method, 'http.route': route }
    const answered = telemetry.span(`${method} ${route}`, attributes, () => {
      done()
      return new Promise<void>((resolve) => reply.raw.once('close', resolve))
    })
    void answered.then(() => {
      move(-1)
      const status = `${Math.floor(reply.statusCode / 100)}xx`
      telemetry.count('shoal_http_requests_total', 1, { method, route, status })
      telemetry.observe('shoal_http_request_seconds', (clock.now() - startedMs) / 1000, { route })
    })
  })
}
