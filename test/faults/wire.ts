/**
 * The wire between Shoal's processes and the brokers: a proxy before each broker, which knows the requests that pass
 * and does to them, and to whoever made them, what a test has laid in their way. No line of the product knows of it.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { framesOf } from '../stack/frames.ts'
import { type KafkaRequest, recognise } from './kafka-request.ts'

/** Before the broker has the request, or after: it has done what was asked, and its answer is on the way. */
export type When = 'before' | 'after'

export interface Passing extends KafkaRequest {
  readonly when: When
  /** What passes: the request or the answer, with its length before it. */
  readonly frame: Buffer
  /** The port of the broker that it goes to or comes from. */
  readonly broker: number
}

/** `pass` goes on; `lose` only loses this one, the connection stays; `cut` ends the connection, as losing does in TCP. */
export type Fate = 'pass' | 'lose' | 'cut'

export interface Trap {
  matches(passing: Passing): boolean
  /** Until it has decided, this and all behind it in this direction of the connection wait. */
  act(passing: Passing): Fate | Promise<Fate>
}

export interface Wire {
  readonly ports: readonly number[]
  /** Lies in the way until it is removed. */
  lay(trap: Trap): { remove(): void }
  /** Catches the first that matches; resolves, once `act` has begun, with what was caught. */
  once(trap: Trap): { readonly caught: Promise<Passing>; remove(): void }
  /** Cuts all connections of these clients, of all when none is named; gives their number. */
  cut(client?: string): number
  /** Who last made such a request; null when nobody has. */
  lastClient(stage: 'score' | 'train', api: string): string | null
  close(): Promise<void>
}

export interface WireEnd {
  /** Where clients connect to; 0: any free one. */
  readonly port: number
  /** Where the broker listens; asked for every connection, because a broker may come back elsewhere. */
  readonly broker: () => number
}

interface Line {
  client: string | null
  cut(): void
}

export async function openWire(ends: readonly WireEnd[]): Promise<Wire> {
  const traps = new Set<Trap>()
  const lines = new Set<Line>()
  const lastClients = new Map<string, string>()

  const judge = (passing: Passing): Fate | Promise<Fate> => {
    if (passing.when === 'before') lastClients.set(`${passing.stage} ${passing.api}`, passing.client)
    for (const trap of traps) if (trap.matches(passing)) return trap.act(passing)
    return 'pass'
  }

  const servers = ends.map(({ broker }) => createServer((client) => join(client, broker())))
  const join = (client: Socket, port: number): void => {
    const broker = connect(port, '127.0.0.1')
    const asked = new Map<number, KafkaRequest>()
    const line: Line = {
      client: null,
      cut() {
        client.destroy()
        broker.destroy()
        lines.delete(line)
      },
    }
    lines.add(line)
    for (const socket of [client, broker]) socket.setNoDelay().on('error', line.cut).on('close', line.cut)
    relay(client, broker, line, (frame) => {
      const request = recognise(frame)
      line.client = request.client
      asked.set(request.correlationId, request)
      return judge({ ...request, when: 'before', frame, broker: port })
    })
    relay(broker, client, line, (frame) => {
      const correlationId = frame.readInt32BE(4)
      const request = asked.get(correlationId)
      asked.delete(correlationId)
      return request === undefined ? 'pass' : judge({ ...request, when: 'after', frame, broker: port })
    })
  }
  await Promise.all(servers.map((server, i) => once(server.listen(ends[i].port, '127.0.0.1'), 'listening')))

  const lay = (trap: Trap): { remove(): void } => {
    traps.add(trap)
    return { remove: () => void traps.delete(trap) }
  }
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    lay,
    once({ matches, act }) {
      const { promise, resolve, reject } = Promise.withResolvers<Passing>()
      const laid = lay({
        matches,
        act(passing) {
          laid.remove()
          try {
            return act(passing)
          } catch (error) {
            reject(error)
            return 'cut'
          } finally {
            resolve(passing)
          }
        },
      })
      return { caught: promise, remove: laid.remove }
    },
    cut(client) {
      const ours = [...lines].filter((line) => client === undefined || line.client === client)
      for (const line of ours) line.cut()
      return ours.length
    },
    lastClient: (stage, api) => lastClients.get(`${stage} ${api}`) ?? null,
    async close() {
      for (const line of lines) line.cut()
      await Promise.all(servers.map(closed))
    },
  }
}

async function closed(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

/** Hands whole frames on, in order; what is held holds up those behind it. */
function relay(from: Socket, to: Socket, line: Line, judge: (frame: Buffer) => Fate | Promise<Fate>): void {
  const frames = framesOf()
  const waiting: Buffer[] = []
  let isHolding = false
  const decide = (frame: Buffer, fate: Fate): void => {
    if (fate === 'cut') line.cut()
    else if (fate === 'pass' && !to.destroyed) to.write(frame)
  }
  const drain = async (): Promise<void> => {
    for (let frame = waiting.shift(); frame !== undefined && !from.destroyed; frame = waiting.shift()) {
      const fate = judge(frame)
      if (typeof fate === 'string') decide(frame, fate)
      else {
        isHolding = true
        decide(frame, await fate)
        isHolding = false
      }
    }
  }
  from.on('data', (chunk) => {
    waiting.push(...frames(chunk))
    if (!isHolding) void drain()
  })
}
