/** What probes and Prometheus ask for: /health/live, /health/ready, /metrics. */
import fastify, { type FastifyInstance } from 'fastify'
import { codeOf, ShoalError } from '../runtime/errors.ts'
import type { Log } from '../runtime/ports.ts'

/** What /health/ready answers, with 200 when ready and 503 when not. */
interface Readiness {
  readonly state: string
  readonly ready: boolean
  readonly reasons: readonly string[]
  readonly notices: readonly string[]
}

interface HttpOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly readiness: () => Readiness
  /** In Prometheus' text format. */
  readonly metricsText: () => Promise<string>
  readonly log: Log
}

export interface HttpServer {
  /** `http://127.0.0.1:9404` */
  readonly url: string
  /** Ends open connections too: a client that keeps one alive must not hold up an end. */
  close(): Promise<void>
}

const requestTimeoutMs = 10_000

/** Resolves when it listens; `config.invalid` when the address cannot be listened on. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const app = fastify({
    forceCloseConnections: true,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs,
    bodyLimit: 1024,
  })
  addRoutes(app, options)
  const { host, port } = options
  try {
    return { url: await app.listen({ host, port }), close: () => app.close() }
  } catch (error) {
    await app.close()
    const reason = error instanceof Error ? error.message : String(error)
    throw new ShoalError('config.invalid', `http.host and http.port must be free to listen on: ${reason}`, {
      cause: error,
    })
  }
}

function addRoutes(app: FastifyInstance, { readiness, metricsText, log }: HttpOptions): void {
  app.get('/health/live', async () => ({ live: true }))
  app.get('/health/ready', async (_, reply) => {
    const { state, ready, reasons, notices } = readiness()
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ state, ready, reasons, notices })
  })
  app.get('/metrics', async (_, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(await metricsText()),
  )
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'there is nothing here' }))
  // The reason stays in the log: an answer is for whoever asks, and that may be anybody.
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error('a request failed', { path: request.routeOptions.url, code: codeOf(error), error })
    return reply.code(status).send({ error: status >= 500 ? 'this failed' : error.message })
  })
}
