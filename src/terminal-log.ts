/** Log lines for a person where one watches; JSON lines everywhere else. */
import type { DestinationStream } from 'pino'
import { PinoPretty } from 'pino-pretty'

/** Unset: JSON lines to the standard error. */
export function logDestination(): DestinationStream | undefined {
  if (!process.stderr.isTTY) return undefined
  return PinoPretty({
    destination: 2,
    sync: true,
    colorize: true,
    messageKey: 'message',
    ignore: 'worker',
    singleLine: true,
  })
}
