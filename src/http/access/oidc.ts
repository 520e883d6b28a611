/** Tokens of an OpenID Connect issuer: signed JWTs (RFC 7519), checked by the issuer's published keys (RFC 7517). */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { ShoalError } from '../../runtime/errors.ts'
import { type Client, type Role, roles } from '../../runtime/role.ts'

export interface OidcOptions {
  readonly issuer: string
  readonly audience: string
  /** Null: what the issuer's discovery document names. */
  readonly jwksUrl: string | null
  /** The claim that holds roles: a list, or a text with spaces between. */
  readonly claim: string
}

const requestMs = 5_000
const clockToleranceS = 30
/** Only signatures by a key pair: the issuer's public key must not do for the secret of an HMAC. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

export class OidcTokens {
  private readonly options: OidcOptions
  private keys: ReturnType<typeof createRemoteJWKSet> | null = null

  constructor(options: OidcOptions) {
    this.options = options
  }

  /** Null for a token that is none of the issuer's, has expired, or names no role; `access.unavailable` while the keys cannot be had. */
  async client(token: string): Promise<Client | null> {
    const { issuer, audience, claim } = this.options
    try {
      this.keys ??= createRemoteJWKSet(new URL(await this.keysUrl()), { timeoutDuration: requestMs })
      const { payload } = await jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceS,
        requiredClaims: ['exp', 'sub'],
      })
      return clientOfClaims(payload, claim)
    } catch (error) {
      if (isOfToken(error)) return null
      throw new ShoalError('access.unavailable', `the keys of ${issuer} cannot be had: ${String(error)}`, {
        cause: error,
      })
    }
  }

  private async keysUrl(): Promise<string> {
    const { jwksUrl, issuer } = this.options
    if (jwksUrl !== null) return jwksUrl
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const answer = await fetch(url, { signal: AbortSignal.timeout(requestMs), redirect: 'error' })
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
    const document: unknown = await answer.json()
    if (typeof document === 'object' && document !== null && 'jwks_uri' in document) {
      if (typeof document.jwks_uri === 'string') return document.jwks_uri
    }
    throw new Error(`${url} names no jwks_uri`)
  }
}

/** The greatest role that the claim names: `shoal.operate`, or `operate` alone. */
function clientOfClaims(payload: JWTPayload, claim: string): Client | null {
  const held = payload[claim]
  const names = typeof held === 'string' ? held.split(' ') : Array.isArray(held) ? held : []
  const role = roles.findLast((each: Role) => names.includes(each) || names.includes(`shoal.${each}`))
  if (role === undefined) return null
  const name = [payload.preferred_username, payload.email, payload.sub].find((each) => typeof each === 'string')
  return { name: String(name).slice(0, 200), role }
}

/** What is wrong with the token, not with the way to the keys. */
function isOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    // The set answered with something else than 200, or not with JSON.
    error.code !== 'ERR_JOSE_GENERIC'
  )
}
