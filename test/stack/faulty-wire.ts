/** A wire between clients and a broker that loses what a test tells it to lose, and answers what a test tells it to answer. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { errorAnswer, type Where } from './error-answers.ts'
import { framesOf } from './frames.ts'
import { metadataWithError } from './metadata-answers.ts'
import { refusesPart } from './refused-parts.ts'

/** A lost request never reaches the broker; a lost answer leaves its effect there. Either way the connection is gone. */
export type Fate = 'pass' | 'lose the request' | 'lose the answer' | Lie

/**
 * The answer says that there was an error. It may be that the broker has done what it was asked to, or has never heard of
 * it. What it refused by itself is not done: then its own answer passes, and the lie is not told.
 */
export interface Lie {
  readonly error: number
  readonly isDone: boolean
  readonly where: Where
}

export interface FaultyWire {
  readonly port: number
  /** Where the wire leads to; connections made from now on. */
  broker: number
  /** Decides about each request, by Kafka's API key and the client that asks. */
  judge: (apiKey: number, clientId: string) => Fate
  /** A lie to this client could not be told: the broker had not done what it would have said that it had. */
  onUntold: (clientId: string) => void
  /** How many connections were cut. */
  readonly cuts: number
  close(): Promise<void>
}

export async function faultyWire(): Promise<FaultyWire> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const broker = connect(wire.broker, '127.0.0.1')
    broker.setNoDelay()
    client.setNoDelay()
    /** Requests by correlation id whose answers are lost, or replaced. */
    const doomed = new Set<number>()
    const lies = new Map<number, (answer: Buffer) => Buffer>()
    const cut = () => {
      for (const socket of [client, broker]) {
        socket.destroy()
        open.delete(socket)
      }
    }
    for (const socket of [client, broker]) {
      open.add(socket)
      socket.on('error', cut)
      socket.on('close', cut)
    }
    const requests = framesOf()
    const answers = framesOf()
    client.on('data', (chunk) => {
      for (const frame of requests(chunk)) {
        const apiKey = frame.readInt16BE(4)
        const fate = wire.judge(apiKey, clientIdOf(frame))
        if (fate === 'pass') {
          broker.write(frame)
          continue
        }
        if (typeof fate === 'object') {
          const { error, isDone, where } = fate
          if (!isDone && apiKey !== metadata) {
            client.write(errorAnswer(frame, error, where, false))
            continue
          }
          const lie = apiKey === metadata ? null : errorAnswer(frame, error, where, true)
          lies.set(frame.readInt32BE(8), (answer) => {
            if (lie === null) return metadataWithError(answer, error)
            if (!refusesPart(frame, answer)) return lie
            wire.onUntold(clientIdOf(frame))
            return answer
          })
          broker.write(frame)
          continue
        }
        wire.cuts++
        if (fate === 'lose the request') return cut()
        doomed.add(frame.readInt32BE(8))
        broker.write(frame)
      }
    })
    broker.on('data', (chunk) => {
      for (const frame of answers(chunk)) {
        const correlation = frame.readInt32BE(4)
        if (doomed.has(correlation)) return cut()
        const lie = lies.get(correlation)
        lies.delete(correlation)
        client.write(lie === undefined ? frame : lie(frame))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = {
    port: (server.address() as AddressInfo).port,
    broker: 0,
    judge: (_: number, __: string): Fate => 'pass',
    onUntold: (_: string): void => undefined,
    cuts: 0,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return wire
}

const metadata = 3

const clientIdOf = (request: Buffer): string => request.toString('utf8', 14, 14 + Math.max(0, request.readInt16BE(12)))
