/** What is told of every request: how many, how long, with what end, and a span that it runs in. */
import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock, Telemetry } from '../runtime/ports.ts'
import type { Span } from '../runtime/span.ts'

const methods = new Set(METHODS)

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
    const span = spanOf(telemetry, request)
    reply.raw.once('close', () => {
      move(-1)
      const status = `${Math.floor(reply.statusCode / 100)}xx`
      span.run(() => {
        telemetry.count('shoal_http_requests_total', 1, { method, route, status })
        telemetry.observe('shoal_http_request_seconds', (clock.now() - startedMs) / 1000, { route })
      })
      end(span, reply)
    })
    span.run(done)
  })
}

/**
 * By the conventions for HTTP. The path is that of the route, with the names of its parameters: their values may be those
 * of an event, and a query's too.
 */
function spanOf(telemetry: Telemetry, request: FastifyRequest): Span {
  const { url } = request.routeOptions
  const method = methods.has(request.method) ? request.method : '_OTHER'
  return telemetry.startSpan(url === undefined ? method : `${method} ${url}`, {
    kind: 'server',
    headers: request.headers,
    facts: {
      'http.request.method': method,
      'url.scheme': request.protocol,
      'network.protocol.version': request.raw.httpVersion,
      'client.address': request.ip,
      ...(url === undefined ? {} : { 'http.route': url, 'url.path': url }),
    },
  })
}

/** That a client asks for what it must not have is no failure of this process. */
function end(span: Span, { statusCode }: FastifyReply): void {
  span.add({ 'http.response.status_code': statusCode })
  if (statusCode >= 500) span.fail(String(statusCode))
  span.end()
}
