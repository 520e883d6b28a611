/** Tokens for OAUTHBEARER by client credentials (RFC 6749, section 4.4). */
import { request as requestClear } from 'node:http'
import { request as requestSecured } from 'node:https'
import type { TokenEndpoint } from '../../runtime/configuration/configuration.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { Clock } from '../../runtime/ports.ts'
import { tlsTrouble } from '../../runtime/tls-trouble.ts'
import type { TokenSource } from './options.ts'

const requestMs = 10_000
const mostBytes = 1 << 20
/** Of a token's life, after which the next is asked for: a renewal takes its time, and clocks differ. */
const usableShare = 0.8

interface Answer {
  readonly status: number
  readonly text: string
}

/** Each token serves all connections while it lives, so that a process that connects anew asks once, not once a connection. */
export function tokensOf(endpoint: TokenEndpoint, clock: Pick<Clock, 'now'>): TokenSource {
  let known: { readonly token: string; readonly untilMs: number } | null = null
  let asking: Promise<string> | null = null

  async function fresh(): Promise<string> {
    const { token, lifeMs } = tokenIn(await ask(endpoint), endpoint)
    known = { token, untilMs: clock.now() + lifeMs * usableShare }
    return token
  }

  return {
    async token() {
      if (known !== null && clock.now() < known.untilMs) return known.token
      asking ??= fresh().finally(() => {
        asking = null
      })
      return asking
    },
    refused: () => {
      known = null
    },
  }
}

function ask({ url, clientId, clientSecret, scope, ca }: TokenEndpoint): Promise<Answer> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope === null ? {} : { scope }),
  }).toString()
  const credentials = [clientId, clientSecret.reveal()].map(encodeURIComponent).join(':')
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  const secured = url.toLowerCase().startsWith('https:')
  const tls = secured && ca !== null ? { ca: ca() } : {}
  const options = { method: 'POST', headers, agent: false, signal: AbortSignal.timeout(requestMs), ...tls } as const
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      const why =
        tlsTrouble(error, 'kafka.sasl.oauth', tls) ??
        (error.name === 'AbortError' || error.name === 'TimeoutError'
          ? `no answer within ${requestMs} ms`
          : error.message)
      reject(unavailable(url, why, error))
    }
    const asked = (secured ? requestSecured : requestClear)(url, options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
        if (text.length > mostBytes) answer.destroy(new Error(`its answer is larger than ${mostBytes} bytes`))
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.on('error', failed)
    })
    asked.on('error', failed)
    asked.end(form)
  })
}

function tokenIn(
  { status, text }: Answer,
  endpoint: TokenEndpoint,
): { readonly token: string; readonly lifeMs: number } {
  const { url, clientId } = endpoint
  const body = objectIn(text)
  if (status === 429 || status >= 500) throw unavailable(url, `it answers ${status}`)
  if (status !== 200) {
    // The code alone (RFC 6749, section 5.2): its description may repeat what was sent.
    const code = typeof body.error === 'string' && /^[a-z_]{1,40}$/.test(body.error) ? ` ${body.error}` : ''
    const todo = 'check kafka.sasl.oauth: clientId, clientSecretFile and scope'
    throw new ShoalError(
      'log.denied',
      `the token endpoint ${url} gives client ${JSON.stringify(clientId)} no token, ${status}${code}: ${todo}`,
    )
  }
  if (typeof body.access_token !== 'string') {
    const todo = 'check kafka.sasl.oauth.tokenEndpoint'
    throw new ShoalError('log.denied', `the token endpoint ${url} answers 200 without an access_token: ${todo}`)
  }
  const seconds = Number(body.expires_in ?? 0)
  return { token: body.access_token, lifeMs: Number.isFinite(seconds) ? seconds * 1000 : 0 }
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function unavailable(url: string, why: string, cause?: Error): ShoalError {
  return new ShoalError('log.unavailable', `the token endpoint ${url} gives no token: ${why}`, { cause })
}
