/** The door of the API: who asks is found out first, then how often they do, and last whether they may. */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ShoalError } from '../../runtime/errors.ts'
import { type Client, includes, type Role } from '../../runtime/role.ts'
import type { Gatekeeper } from './gatekeeper.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: nobody that is known. */
    client: Client | null
  }
  interface FastifyContextConfig {
    /** The role that a route needs; null: none, not even a token. Every route says. */
    needs?: Role | null
  }
}

export interface GuardOptions {
  readonly gatekeeper: Gatekeeper
  readonly requestsPerMinute: number
  /** The address listened on. */
  readonly host: string
  /** Told of everyone who was refused. */
  readonly onRefused: (refusal: Refusal) => void
}

export interface Refusal {
  readonly client: string | null
  readonly address: string
  readonly method: string
  readonly route: string
  readonly needed: Role
}

/** A stranger may knock so often a minute: enough for a person who signs in, too few to guess. */
const strangersPerMinute = 300

/** Adds the hooks. Routes that are added later are behind the door. */
export async function guard(app: FastifyInstance, options: GuardOptions): Promise<void> {
  const { gatekeeper, requestsPerMinute } = options
  app.decorateRequest('client', null)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.needs === null) return
    if (!gatekeeper.isAsking) refuseOtherNames(request, options.host)
    request.client = await gatekeeper.client(request.headers.authorization, request.headers.cookie)
  })
  await app.register(rateLimit, {
    timeWindow: 60_000,
    max: (request) => (request.client === null ? strangersPerMinute : requestsPerMinute),
    keyGenerator: ({ client, ip }) =>
      client === null || !gatekeeper.isAsking ? `address ${ip}` : `client ${client.name}`,
    allowList: ({ method, routeOptions }) => method === 'GET' && routeOptions.config.needs === null,
    errorResponseBuilder: (_, { max, after }) => tooMany(max, after),
  })
  // Behind the counting of requests, which is a hook of each route, and before a body is read.
  app.addHook('preParsing', async (request) => {
    const { needs = 'operate' } = request.routeOptions.config
    const { client } = request
    if (needs === null || (client !== null && (request.is404 || includes(client.role, needs)))) return
    options.onRefused({
      client: client?.name ?? null,
      address: request.ip,
      method: request.method,
      route: request.routeOptions.url ?? '',
      needed: needs,
    })
    if (client === null) throw new ShoalError('access.unknown', 'this needs a token')
    throw new ShoalError('access.denied', `this needs the role ${needs}: the role of ${client.name} is ${client.role}`)
  })
}

/** Counts a request that comes by another way than HTTP; throws `request.too_many`. */
export function countingOf(app: FastifyInstance): (client: Client | null, address: string) => Promise<void> {
  const count = app.createRateLimit()
  return async (client, ip) => {
    const asked = { client, ip, method: 'POST', routeOptions: { config: {} } }
    const counted = await count(asked as unknown as FastifyRequest)
    if (counted.isAllowed || !counted.isExceeded) return
    throw tooMany(counted.max, `${counted.ttlInSeconds} s`)
  }
}

function tooMany(max: number, wait: string): ShoalError {
  return new ShoalError('request.too_many', `a client must send at most ${max} requests a minute: wait ${wait}`)
}

/**
 * Where no token is asked for, a page of another site could have its own name point to this machine (DNS rebinding), and
 * then read and steer: so it must have been asked by a name of this machine.
 */
function refuseOtherNames(request: FastifyRequest, host: string): void {
  const asked = request.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (['localhost', '127.0.0.1', '::1', host.toLowerCase()].includes(asked)) return
  throw new ShoalError('access.denied', `without tokens the API must be asked by a loopback name: got ${asked}`)
}
