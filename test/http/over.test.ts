import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { over } from '../../src/http/over.ts'

const requestOver = (socket: Socket) => ({ raw: { socket } }) as Parameters<typeof over>[0]

test('a thousand requests of one connection listen once for its end, and all are told of it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [socket] = (await accepted) as [Socket]
  const before = socket.listenerCount('close')
  const signals = Array.from({ length: 1000 }, () => over(requestOver(socket)))
  expect(socket.listenerCount('close')).toBe(before + 1)
  expect(signals.some(({ aborted }) => aborted)).toBe(false)
  const closed = once(socket, 'close')
  client.destroy()
  await closed
  expect(signals.every(({ aborted }) => aborted)).toBe(true)
  server.close()
})
