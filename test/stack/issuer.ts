/** A small OpenID Connect issuer over HTTP: discovery, keys, and a token endpoint for client credentials. */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecuredServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Certified } from './certificates.ts'

export interface Issuer {
  /** The base of its URLs, and what its tokens are of. */
  readonly url: string
  readonly jwksUrl: string
  readonly tokenUrl: string
  /** Secret by client: who may have tokens now. */
  readonly clients: Map<string, string>
  /** Roles by client, as tokens name them. */
  readonly roles: Map<string, readonly string[]>
  /** Tokens given at the token endpoint since it began. */
  readonly given: () => number
  token(subject: string, lifeSeconds: number): string
  close(): Promise<void>
}

const audience = 'shoal-test'

export { audience as issuedFor }

/** `lifeSeconds`: of the tokens that the endpoint gives. */
export async function startIssuer(lifeSeconds: number, certified?: Certified): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }
  const clients = new Map<string, string>()
  const roles = new Map<string, readonly string[]>()
  let given = 0
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const say = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    // Some ask with a slash at the end.
    const pathname = new URL(request.url ?? '/', url).pathname.replace(/(?<=.)\/$/, '')
    if (pathname === '/jwks') return say(200, { keys: [jwk] })
    if (pathname === '/.well-known/openid-configuration') return say(200, discovery())
    if (pathname !== '/token') return say(404, {})
    const form = new URLSearchParams(await text(request))
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
    const [id, secret] = basic.includes(':')
      ? basic.split(':').map(decodeURIComponent)
      : [form.get('client_id') ?? '', form.get('client_secret') ?? '']
    // What a careless issuer does: it says again what it was given.
    if (clients.get(id) !== secret)
      return say(401, { error: 'invalid_client', error_description: `${id} and ${secret}` })
    given++
    return say(200, { access_token: token(id, lifeSeconds), token_type: 'Bearer', expires_in: lifeSeconds })
  }
  const listener = (request: IncomingMessage, response: ServerResponse) => void answer(request, response)
  const server = certified === undefined ? createServer(listener) : createSecuredServer(certified, listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `${certified === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [jwksUrl, tokenUrl] = [`${url}/jwks`, `${url}/token`]
  const discovery = () => ({
    issuer: url,
    jwks_uri: jwksUrl,
    token_endpoint: tokenUrl,
    authorization_endpoint: `${url}/authorize`,
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  })

  function token(subject: string, seconds: number): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: url,
      aud: audience,
      sub: subject,
      azp: subject,
      iat: now - 1,
      exp: now + seconds,
      jti: randomUUID(),
    }
    const head = `${part({ alg: 'RS256', typ: 'JWT', kid: 'one' })}.${part({ ...claims, scope: 'kafka', groups: roles.get(subject) ?? [] })}`
    return `${head}.${sign('sha256', Buffer.from(head), privateKey).toString('base64url')}`
  }

  return {
    url,
    jwksUrl,
    tokenUrl,
    clients,
    roles,
    given: () => given,
    token,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
