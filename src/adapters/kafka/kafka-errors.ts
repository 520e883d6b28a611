/** What kafkajs throws, in terms of our catalogue. */
import { ShoalError } from '../../runtime/errors.ts'
import { type BrokerError, brokerError } from './broker-errors.ts'

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

const refusals = new Set([
  'KafkaJSSASLAuthenticationError',
  'KafkaJSServerDoesNotSupportApiKey',
  'KafkaJSUnsupportedMagicByteInMessageSet',
])

/** As an error of ours: `log.refused` for what time does not mend, `log.unavailable` for the rest. */
export function translated(error: unknown, what: string): ShoalError {
  if (error instanceof ShoalError) return error
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`
  const known = brokerErrorInside(error)
  if (known !== null) return new ShoalError(known.code, `${message} (${known.name})`, { cause: error })
  for (let e = error; e instanceof Error; e = e.cause) {
    if (refusals.has(e.name) || isCertificateTrouble(e)) return new ShoalError('log.refused', message, { cause: error })
  }
  return new ShoalError('log.unavailable', message, { cause: error })
}

/** A certificate that is not trusted today will not be tomorrow. By the names that Node and OpenSSL give. */
function isCertificateTrouble(error: Error): boolean {
  const { code } = error as KafkajsLike
  return typeof code === 'string' && /^ERR_TLS_|^ERR_SSL_|CERT|^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/.test(code)
}
