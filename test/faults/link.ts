/** A link to one server that can be slow, break or lead elsewhere, for servers whose protocol need not be known. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Link {
  readonly port: number
  /** The server's port; of connections made from now on. */
  serverPort: number
  /** Each chunk, in either direction, comes so much later. */
  delayMs: number
  /** Resets all connections; new ones are let through. */
  cut(): void
  close(): Promise<void>
}

/** `serverPort` may come later, before anybody connects. */
export async function openLink(serverPort = 0): Promise<Link> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const behind = connect(link.serverPort, '127.0.0.1')
    const end = () => {
      for (const socket of [client, behind]) {
        sockets.delete(socket)
        socket.destroy()
      }
    }
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.setNoDelay().on('error', end).on('close', end)
    }
    relay(client, behind)
    relay(behind, client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const link: Link = {
    port: (server.address() as AddressInfo).port,
    serverPort,
    delayMs: 0,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async close() {
      link.cut()
      server.close()
      await once(server, 'close')
    },
  }
  return link

  /** Timers of one length fire in the order in which they were set. */
  function relay(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (link.delayMs === 0) to.write(chunk)
      else setTimeout(() => to.destroyed || to.write(chunk), link.delayMs)
    })
  }
}
