/** A wire between clients and a broker that loses what a test tells it to lose. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A lost request never reaches the broker; a lost answer leaves its effect there. Either way the connection is gone. */
export type Fate = 'pass' | 'lose the request' | 'lose the answer'

export interface FaultyWire {
  readonly port: number
  /** Where the wire leads to; connections made from now on. */
  broker: number
  /** Decides about each request, by Kafka's API key. */
  judge: (apiKey: number) => Fate
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
    const doomed = new Set<number>()
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
        const fate = wire.judge(frame.readInt16BE(4))
        if (fate === 'pass') {
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
        if (doomed.has(frame.readInt32BE(4))) return cut()
        client.write(frame)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = {
    port: (server.address() as AddressInfo).port,
    broker: 0,
    judge: (_: number): Fate => 'pass',
    cuts: 0,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return wire
}

/** Puts chunks together to whole frames, each with the length before it. */
function framesOf(): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Buffer[] = []
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      frames.push(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    return frames
  }
}
