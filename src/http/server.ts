/** The one HTTP server of a process: health, metrics, API and console. */
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { codeOf, ShoalError } from '../runtime/errors.ts'
import type { HealthReport } from '../runtime/health.ts'
import type { Clock, Log, Telemetry } from '../runtime/ports.ts'
import { type AccessOptions, Gatekeeper } from './access/gatekeeper.ts'
import { countingOf, guard, type Refusal } from './access/guard.ts'
import type { ApiOf } from './api.ts'
import { addConsoleRoutes } from './console/console-routes.ts'
import type { GrpcServer } from './grpc/server.ts'
import { observeRequests } from './observing.ts'
import { describeRoutes } from './open-api.ts'
import { type Problem, problemOf, problemType, problemWith } from './problem.ts'
import { addApiRoutes } from './routes/api.ts'
import { addHealthRoutes } from './routes/health.ts'
import { addSessionRoutes } from './routes/session.ts'

export interface HttpOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The same for gRPC; null: it is not served. */
  readonly grpcPort: number | null
  readonly access: AccessOptions
  readonly requestsPerMinute: number
  readonly maxBodyBytes: number
  readonly release: string
  readonly health: () => HealthReport
  /** Why the process should be started anew; null: it gets on. */
  readonly stalled: () => string | null
  /** In the format that an Accept header asks for. */
  readonly metrics: (accept: string | undefined) => Promise<{ readonly contentType: string; readonly text: string }>
  readonly api: ApiOf
  readonly onRefused: (refusal: Refusal) => void
  readonly clock: Clock
  readonly telemetry: Telemetry
}

export interface HttpServer {
  /** `http://127.0.0.1:9404` */
  readonly url: string
  /** Null: gRPC is not served. */
  readonly grpcPort: number | null
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
    bodyLimit: options.maxBodyBytes,
    routerOptions: { maxParamLength: 512 },
    // Of what has no route there is no hook and no handler: a path that is no URL, or too long.
    frameworkErrors: (error, _, reply) => answer(reply, problemOf(error)),
  })
  try {
    const gatekeeper = new Gatekeeper(options.access, options.clock, options.telemetry.log)
    await furnish(app, options, gatekeeper)
    const { host, port, grpcPort } = options
    const url = await app.listen({ host, port })
    const grpc = grpcPort === null ? null : await listenForGrpc(app, { ...options, port: grpcPort, gatekeeper })
    const close = async () => {
      grpc?.close()
      await app.close()
    }
    return { url, grpcPort: grpc?.port ?? null, close }
  } catch (error) {
    await app.close()
    if (!isOfAddress(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ShoalError('config.invalid', `http.host and http.port must be free to listen on: ${reason}`, {
      cause: error,
    })
  }
}

async function furnish(app: FastifyInstance, options: HttpOptions, gatekeeper: Gatekeeper): Promise<void> {
  const { telemetry, clock, api } = options
  observeRequests(app, telemetry, clock)
  app.removeContentTypeParser('text/plain')
  answerErrors(app, telemetry.log)
  await guard(app, { ...options, gatekeeper })
  await describeRoutes(app, options.release)
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, async (request, reply) => {
    const detail = `there is no ${request.method} ${request.url.split('?')[0]}`
    return answer(reply, problemWith('request.unknown', detail))
  })
  await app.register(async (routes) => addHealthRoutes(routes, options))
  await app.register(async (routes) => addSessionRoutes(routes, gatekeeper))
  await app.register(async (routes) => addConsoleRoutes(routes))
  await addApiRoutes(app, api, gatekeeper)
}

/** Its requests are counted with those of the HTTP API. It is loaded only where it is asked for: it is megabytes. */
async function listenForGrpc(
  app: FastifyInstance,
  options: HttpOptions & { readonly port: number; readonly gatekeeper: Gatekeeper },
): Promise<GrpcServer> {
  const count = countingOf(app)
  const onFailed = (method: string, error: unknown) => {
    options.telemetry.log.error('a request failed', { path: method, code: codeOf(error), error })
  }
  const { startGrpc } = await import('./grpc/server.ts')
  return startGrpc({ ...options, count, onFailed })
}

/** The reason of a failure stays in the log: an answer is for whoever asks, and that may be anybody. */
function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error)
    if (problem.status >= 500 && problem.code === 'unexpected') {
      log.error('a request failed', { path: request.routeOptions.url, code: codeOf(error), error })
    }
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer')
    return answer(reply, problem)
  })
}

function answer(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(problemType).send(JSON.stringify(problem))
}

function isOfAddress(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && ['listen', 'getaddrinfo'].includes(String(error.syscall))
}
