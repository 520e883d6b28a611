/** When whoever asked is gone, or has waited long enough. */
import type { FastifyRequest } from 'fastify'

const longestMs = 30_000

/** Fires when the connection of a request ends, or after half a minute. */
export function over(request: FastifyRequest): AbortSignal {
  const gone = new AbortController()
  request.raw.socket.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, AbortSignal.timeout(longestMs)])
}
