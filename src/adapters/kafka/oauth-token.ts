/** Tokens for OAUTHBEARER: from a file that may be rotated, or by client credentials (RFC 6749, section 4.4). */
import { readFile } from 'node:fs/promises'
import { ShoalError } from '../../runtime/errors.ts'

const requestMs = 10_000

/** Asks for a new token; kafkajs does so whenever a connection authenticates. */
export async function tokenFromEndpoint(
  url: string,
  clientId: string,
  clientSecret: string,
  scope: string | null,
): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === null ? {} : { scope }) })
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)
  const headers = { authorization: `Basic ${credentials.toString('base64')}` }
  let response: Response
  try {
    response = await fetch(url, { method: 'POST', body: form, headers, signal: AbortSignal.timeout(requestMs) })
  } catch (cause) {
    throw new ShoalError('log.unavailable', `the token endpoint ${url} cannot be reached: ${String(cause)}`, { cause })
  }
  if (!response.ok) throw new ShoalError('log.refused', `the token endpoint ${url} answers ${response.status}`)
  const answer: unknown = await response.json()
  if (typeof answer === 'object' && answer !== null && 'access_token' in answer) {
    if (typeof answer.access_token === 'string') return answer.access_token
  }
  throw new ShoalError('log.refused', `the token endpoint ${url} gives no access_token`)
}

/** Reads the token anew, so that a rotated one is used by the next connection. */
export async function tokenFromFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new ShoalError('config.unreadable', `kafka.sasl.tokenFile must be readable: got ${JSON.stringify(path)}`, {
      cause,
    })
  }
}
