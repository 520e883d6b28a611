/** Our own requests over kafkajs's connections. */
import { type Answer, apis, type Exchange, isFlexible } from './api.ts'
import type { Connection } from './kafkajs-internals.ts'
import { Reader, Writer } from './wire.ts'

/**
 * Connections to one broker, which answers the requests of each in order. A long poll must not stand before a commit, so
 * fetches have their own; and a quota on what is written must not hold back the end of a transaction nor a heartbeat,
 * so records have theirs.
 */
export const lane = { requests: 0, fetches: 1, records: 2 } as const
export type Lane = (typeof lane)[keyof typeof lane]

const correlationAt = 8

/**
 * Sends one request and reads its answer. What `write` returns goes out as it is: the frame is never put together in one
 * piece of memory.
 */
export async function exchange<T extends Answer>(
  connection: Connection,
  request: Exchange<T>,
  version: number,
): Promise<T> {
  // Without SASL this resolves at once; with it, a session that has run out is renewed first.
  if (connection.sasl !== null && connection.sasl !== undefined && !connection.isAuthenticated())
    await connection.authenticate()
  const { api } = request
  const { key } = apis[api]
  const flexible = isFlexible(api, version)
  const frame = new Writer(flexible)
  frame.int32(0).int16(key).int16(version).int32(0)
  // The client id keeps the old notation in request header 2 (KIP-482).
  frame.int16(Buffer.byteLength(connection.clientId))
  const head = Buffer.concat([frame.view(), Buffer.from(connection.clientId)])
  const body = new Writer(flexible)
  body.tags()
  const parts = [head, ...(request.write(body, version) ?? [body.view()])]
  head.writeInt32BE(parts.reduce((sum, part) => sum + part.length, 0) - 4, 0)

  const payload = await new Promise<Buffer>((resolve, reject) => {
    // kafkajs calls a connection that is being closed connected too: what is sent on it would wait for nobody's answer.
    if (connection.connectionStatus !== 'connected')
      throw new ConnectionLost(`${connection.host}:${connection.port} is not connected`)
    const correlationId = connection.nextCorrelationId()
    head.writeInt32BE(correlationId, correlationAt)
    connection.requestQueue.push({
      entry: {
        apiKey: key,
        apiName: api,
        apiVersion: version,
        correlationId,
        resolve: (answer) => resolve(answer.payload),
        reject,
      },
      expectResponse: true,
      requestTimeout: request.heldMs === undefined ? null : request.heldMs + heldGraceMs,
      sendRequest: () => {
        connection.socket.cork()
        for (const part of parts) connection.socket.write(part)
        connection.socket.uncork()
      },
    })
  })
  const answer = new Reader(payload, flexible)
  // ApiVersions keeps response header 0, so that a client that guessed the version wrong can read the answer.
  if (api !== 'ApiVersions') answer.tags()
  const read = request.read(answer, version)
  connection.requestQueue.maybeThrottle(read.throttleMs)
  return read
}

const heldGraceMs = 10_000

/** The connection went away before the answer came: whether the request took effect is not known. */
export class ConnectionLost extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConnectionLost'
  }
}
