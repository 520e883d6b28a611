/** A wire to a server that a test cuts: whoever was connected over it must connect anew. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CutWire {
  readonly port: number
  /** The port that it leads to; of connections made from now on. */
  to: number
  /** Ends every connection that there is. */
  cut(): void
  close(): Promise<void>
}

export async function cutWire(to = 0): Promise<CutWire> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const beyond = connect(wire.to, '127.0.0.1')
    const end = () => {
      for (const socket of [client, beyond]) {
        socket.destroy()
        open.delete(socket)
      }
    }
    for (const socket of [client, beyond]) {
      open.add(socket)
      socket.setNoDelay()
      socket.on('error', end)
      socket.on('close', end)
    }
    client.pipe(beyond).pipe(client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const wire: CutWire = {
    port: (server.address() as AddressInfo).port,
    to,
    cut() {
      for (const socket of open) socket.destroy()
    },
    async close() {
      server.close()
      wire.cut()
      await once(server, 'close')
    },
  }
  return wire
}
