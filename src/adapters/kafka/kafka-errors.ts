/** What kafkajs throws, in terms of our catalogue. */
import { ShoalError } from '../../runtime/errors.ts'
import { type BrokerError, brokerError } from './broker-errors.ts'
import { isNotLetIn } from './refused.ts'

interface KafkajsLike {
  readonly name: string
  readonly message: string
  readonly type?: string
  readonly code?: number | string
  readonly cause?: unknown
}

/** The broker's error code inside an error of kafkajs's, however it was wrapped; null when there is none. */
export function codeInside(error: unknown): number | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code, type } = e as KafkajsLike
    if (typeof code === 'number' && typeof type === 'string') return code
  }
  return null
}

function brokerErrorInside(error: unknown): BrokerError | null {
  const code = codeInside(error)
  return code === null ? null : brokerError(code)
}

const refusals = new Set(['KafkaJSServerDoesNotSupportApiKey', 'KafkaJSUnsupportedMagicByteInMessageSet'])

/** As an error of ours: `log.denied` for a door that stays shut, `log.refused` for what else time does not mend, `log.unavailable` for the rest. */
export function translated(error: unknown, what: string): ShoalError {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof ShoalError) return e
  for (let e = error; e instanceof Error; e = e.cause) {
    // Its words name the broker, and are the same whoever meets it, so that they are said once.
    if (isDenial(e)) return new ShoalError('log.denied', e.message, { cause: error })
  }
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`
  const known = brokerErrorInside(error)
  if (known !== null) return new ShoalError(known.code, `${message} (${known.name})`, { cause: error })
  for (let e = error; e instanceof Error; e = e.cause) {
    if (refusals.has(e.name)) return new ShoalError('log.refused', message, { cause: error })
  }
  return new ShoalError('log.unavailable', message, { cause: error })
}

/** Who is not let in today will not be tomorrow, unless a file is replaced. By the names that kafkajs, Node and OpenSSL give. */
function isDenial(error: Error): boolean {
  if (isNotLetIn(error)) return true
  const { code } = error as KafkajsLike
  return typeof code === 'string' && /^ERR_(TLS|SSL|OSSL)_|CERT|^UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code)
}
