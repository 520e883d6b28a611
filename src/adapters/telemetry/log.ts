/** The log: one JSON line each, by pino. */
import { type DestinationStream, destination, pino } from 'pino'
import { codeOf } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/ports.ts'

export interface LogOptions {
  /** The least severe line that is written. */
  readonly level: 'info' | 'warn' | 'error'
  /** Where lines go; by default to the standard error. */
  readonly destination?: DestinationStream | undefined
  /** Fields of every line. */
  readonly base: Readonly<Record<string, string | number>>
}

const deepestCause = 4

/**
 * Written before the call returns, so that the last line before an end is never lost. `fieldsNow`: of every line, as they
 * are when it is said.
 */
export function jsonLog(options: LogOptions, fieldsNow?: () => Readonly<Record<string, string>>): Log {
  const settings = {
    level: options.level,
    base: { ...options.base },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'message',
    ...(fieldsNow === undefined ? {} : { mixin: () => ({ ...fieldsNow() }) }),
  }
  const logger = pino(settings, options.destination ?? destination({ fd: 2, sync: true }))
  return {
    info: (message, fields) => logger.info(plain(fields), message),
    warn: (message, fields) => logger.warn(plain(fields), message),
    error: (message, fields) => logger.error(plain(fields), message),
  }
}

/** Errors become their words: what else a vendor hangs on an error may be a request with its credentials. */
function plain(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? wordsOf(value, deepestCause) : value,
    ]),
  )
}

function wordsOf(error: Error, depth: number): Record<string, unknown> {
  return {
    code: codeOf(error),
    message: error.message,
    ...(codeOf(error) === 'unexpected' ? { name: error.name, stack: error.stack } : {}),
    ...(depth > 0 && error.cause instanceof Error ? { cause: wordsOf(error.cause, depth - 1) } : {}),
  }
}
