/** When whoever asked is gone, or has waited long enough. */
import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'

const longestMs = 30_000

/** One listener a connection, which may carry requests for days: one for each of these would never go. */
const gone = new WeakMap<Socket, AbortSignal>()

/** Fires when the connection of a request ends, or after half a minute. */
export function over({ raw: { socket } }: Pick<FastifyRequest, 'raw'>): AbortSignal {
  return AbortSignal.any([gone.get(socket) ?? watched(socket), AbortSignal.timeout(longestMs)])
}

function watched(socket: Socket): AbortSignal {
  const controller = new AbortController()
  socket.once('close', () => controller.abort())
  gone.set(socket, controller.signal)
  return controller.signal
}
