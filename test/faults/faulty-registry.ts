/** A registry behind a proxy that answers in its place as a test says. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** Answers a request, or gives 'pass': then the registry is asked. */
export type RegistryFault = (request: IncomingMessage, response: ServerResponse) => unknown

export interface FaultyRegistry {
  readonly address: string
  /** Null: none. */
  fault: RegistryFault | null
  close(): Promise<void>
}

export async function openFaultyRegistry(registry: string): Promise<FaultyRegistry> {
  const behind = new URL(registry)
  const sockets = new Set<Socket>()
  const server: Server = createServer((asked, response) => {
    void (async () => {
      const fate = proxy.fault === null ? 'pass' : await proxy.fault(asked, response)
      if (fate === 'pass') ask(asked, response)
    })()
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  function ask(asked: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = asked
    const forwarded = request(
      { host: behind.hostname, port: behind.port, method, path: url, headers: { ...headers, host: behind.host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    forwarded.on('error', () => response.destroy())
    asked.pipe(forwarded)
  }

  const proxy: FaultyRegistry = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${behind.pathname}`,
    fault: null,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
