/** Scoring over gRPC (schemas/scoring.proto), with the health and reflection services that its tools expect. */
import { fileURLToPath } from 'node:url'
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import { HealthImplementation } from 'grpc-health-check'
import { addressText } from '../../runtime/configuration/address-text.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { HealthReport } from '../../runtime/health.ts'
import type { Telemetry } from '../../runtime/ports.ts'
import { type Client, includes } from '../../runtime/role.ts'
import type { Span } from '../../runtime/span.ts'
import type { Gatekeeper } from '../access/gatekeeper.ts'
import type { Refusal } from '../access/guard.ts'
import type { ApiOf } from '../api.ts'
import { statusOf } from './problem-status.ts'
import { scoreBatch, scoreOne } from './scoring.ts'

export interface GrpcOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly maxBodyBytes: number
  readonly gatekeeper: Gatekeeper
  /** Throws `request.too_many`. */
  readonly count: (client: Client | null, address: string) => Promise<void>
  readonly health: () => HealthReport
  readonly api: ApiOf
  readonly onRefused: (refusal: Refusal) => void
  readonly onFailed: (method: string, error: unknown) => void
  readonly telemetry: Pick<Telemetry, 'startSpan'>
}

export interface GrpcServer {
  readonly port: number
  close(): void
}

const service = 'shoal.v1.Scoring'
const healthEveryMs = 500

/** Resolves when it listens; `config.invalid` when the address cannot be listened on. */
export async function startGrpc(options: GrpcOptions): Promise<GrpcServer> {
  const proto = fileURLToPath(new URL('../../../schemas/scoring.proto', import.meta.url))
  const definition = loadSync(proto, { keepCase: false, longs: Number, enums: String, defaults: true, oneofs: true })
  const server = new Server({
    'grpc.max_receive_message_length': options.maxBodyBytes,
    'grpc.max_concurrent_streams': 1000,
  })
  server.addService(definition[service] as never, {
    score: answering(options, 'Score', scoreOne),
    scoreBatch: answering(options, 'ScoreBatch', scoreBatch),
  })
  const health = new HealthImplementation({ '': 'NOT_SERVING', [service]: 'NOT_SERVING' })
  health.addToServer(server)
  new ReflectionService(definition).addToServer(server)
  const tell = () => {
    const serving = options.health().ready ? 'SERVING' : 'NOT_SERVING'
    for (const name of ['', service]) health.setStatus(name, serving)
  }
  const timer = setInterval(tell, healthEveryMs).unref()
  tell()
  try {
    const port = await bound(server, options)
    return {
      port,
      close() {
        clearInterval(timer)
        server.forceShutdown()
      },
    }
  } catch (error) {
    clearInterval(timer)
    throw new ShoalError('config.invalid', `http.host and http.grpcPort must be free to listen on: ${error}`, {
      cause: error,
    })
  }
}

function bound(server: Server, options: GrpcOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(addressText(options), ServerCredentials.createInsecure(), (error, found) =>
      error === null ? resolve(found) : reject(error),
    )
  })
}

type Handler<Q, A> = (api: ReturnType<ApiOf>, request: Q) => A

/** A method behind the same door as the HTTP API: who asks, how often, whether they may. */
function answering<Q, A>(options: GrpcOptions, method: string, handle: Handler<Q, A>) {
  const { gatekeeper, onRefused, onFailed, api, telemetry } = options
  const answer = async (call: ServerUnaryCall<Q, A>, send: sendUnaryData<A>, span: Span) => {
    try {
      const [authorization] = call.metadata.get('authorization')
      const client = await gatekeeper.client(authorization?.toString(), undefined)
      const address = addressOf(call)
      await options.count(client, address)
      if (client === null || !includes(client.role, 'score')) {
        const route = `/${service}/${method}`
        onRefused({ client: client?.name ?? null, address, method: 'gRPC', route, needed: 'score' })
        if (client === null) throw new ShoalError('access.unknown', 'this needs a token')
        throw new ShoalError('access.denied', `this needs the role score: the role of ${client.name} is ${client.role}`)
      }
      const answered = handle(api(), call.request)
      end(span, status.OK)
      send(null, answered)
    } catch (error) {
      const { code, details, isDefect } = statusOf(error)
      if (isDefect) onFailed(method, error)
      end(span, code)
      send({ code, details })
    }
  }
  return (call: ServerUnaryCall<Q, A>, send: sendUnaryData<A>) => {
    const name = `${service}/${method}`
    const facts = { 'rpc.system.name': 'grpc', 'rpc.method': name, 'client.address': addressOf(call) }
    const span = telemetry.startSpan(name, { kind: 'server', headers: textsOf(call.metadata), facts })
    return span.run(() => answer(call, send, span))
  }
}

/** What the caller cannot help is a failure of this process. */
const failures: ReadonlySet<status> = new Set([status.INTERNAL, status.UNAVAILABLE])

function end(span: Span, code: status): void {
  span.add({ 'rpc.status_code': status[code] })
  if (failures.has(code)) span.fail(status[code])
  span.end()
}

const addressOf = (call: ServerUnaryCall<unknown, unknown>) => call.getPeer().replace(/:\d+$/, '')

const textsOf = (metadata: Metadata) =>
  Object.fromEntries(Object.entries(metadata.getMap()).map(([name, value]) => [name, value.toString()]))
