/** Who asks: by bearer token (RFC 6750), or by the cookie that signing in with one leaves in a browser. */
import { codeOf } from '../../runtime/errors.ts'
import type { Clock, Log } from '../../runtime/ports.ts'
import type { Client } from '../../runtime/role.ts'
import { type OidcOptions, OidcTokens } from './oidc.ts'
import { TokenFile } from './token-file.ts'

export interface AccessOptions {
  /** Null: no file of tokens. */
  readonly tokensPath: string | null
  /** Null: no issuer. Neither: whoever reaches the loopback address may do all. */
  readonly oidc: OidcOptions | null
}

export const sessionCookie = 'shoal-token'
const mostTokenCharacters = 8192

/** Whose requests are taken when nothing asks for a token. */
const anybody: Client = { name: 'local', role: 'operate' }

export class Gatekeeper {
  /** False: nothing asks for a token. */
  readonly isAsking: boolean
  private readonly file: TokenFile | null
  private readonly oidc: OidcTokens | null
  private readonly log: Log

  constructor({ tokensPath, oidc }: AccessOptions, clock: Clock, log: Log) {
    this.isAsking = tokensPath !== null || oidc !== null
    this.file = tokensPath === null ? null : new TokenFile(tokensPath, clock, log)
    this.oidc = oidc === null ? null : new OidcTokens(oidc)
    this.log = log
  }

  /** The client of a request by its headers; null: nobody that is known. */
  async client(authorization: string | undefined, cookie: string | undefined): Promise<Client | null> {
    if (!this.isAsking) return anybody
    const token = bearerOf(authorization) ?? cookieOf(cookie)
    return token === null ? null : this.clientOfToken(token)
  }

  async clientOfToken(token: string): Promise<Client | null> {
    if (token.length > mostTokenCharacters) return null
    // A file's tokens are no JWTs: both are asked whatever the token looks like.
    const known = (await this.file?.client(token)) ?? null
    if (known !== null || this.oidc === null) return known
    try {
      return await this.oidc.client(token)
    } catch (error) {
      this.log.error('a token cannot be checked', { code: codeOf(error), error })
      throw error
    }
  }
}

function bearerOf(authorization: string | undefined): string | null {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null
}

function cookieOf(cookie: string | undefined): string | null {
  for (const part of (cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === sessionCookie && value !== undefined) return decoded(value)
  }
  return null
}

function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}
