/** Who is not let in, in words that name the broker, say what is wrong and what to do. */
import { tlsTrouble } from '../../runtime/tls-trouble.ts'
import type { Connection } from './kafkajs-internals.ts'

/** A broker does not take a token; the message is its answer. */
export class Refused extends Error {
  constructor(answer: string) {
    super(answer)
    this.name = 'Refused'
  }
}

/** The same error, with words that say where and why: kafkajs goes by its class, we by its code. */
export function withPlace<E extends Error>(error: E, { host, port, ssl }: Connection): E {
  const at = `${host}:${port}`
  // It may come by here twice: to the requests that waited, and to whoever connected.
  if (error.message.includes(at)) return error
  const trouble = tlsTrouble(error, 'kafka.tls', ssl ?? null)
  const words = error.message.replace(/^Connection error: /, '')
  error.message = trouble === null ? `${at}: ${words}` : `no TLS with ${at}: ${trouble}`
  return error
}

/** Whether a broker has refused a name, a password or a token. */
export function isNotLetIn(error: Error & { readonly type?: unknown }): boolean {
  const isOurs = error.name === 'Refused' || error.name === 'KafkaJSSASLAuthenticationError'
  return isOurs || error.type === 'SASL_AUTHENTICATION_FAILED'
}

/** The same error, with better words where the broker refuses a name, a password or a token. */
export function withLoginTrouble(error: unknown, { host, port, sasl }: Connection): unknown {
  if (!(error instanceof Error) || !isNotLetIn(error)) return error
  const { mechanism, username } = sasl as { readonly mechanism: string; readonly username?: string }
  const words = error.message.replace(/^SASL .* failed: /, '')
  const who = username === undefined ? 'the token' : JSON.stringify(username)
  const todo = username === undefined ? 'kafka.sasl.oauth or tokenFile' : 'kafka.sasl.username and passwordFile'
  const rule = /not supported/.test(words) ? 'set another kafka.sasl.mechanism' : `check ${todo}`
  error.message = `${host}:${port} does not let ${who} in by ${mechanism}, ${words}: ${rule}`
  return error
}
