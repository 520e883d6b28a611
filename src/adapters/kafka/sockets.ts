/** The sockets under kafkajs's connections. */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import type { AnswerMemory } from './answer-memory.ts'
import { readFrames } from './frames.ts'

const keepAliveMs = 60_000
/** What all sockets read into: one of their own for each would be garbage for every attempt to reach a broker that is away. */
const readBytes = 128 * 1024

/** Sockets that give every answer as one piece of `data`, however it came over the wire. */
export function socketsInto(memory: AnswerMemory): ISocketFactory {
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  return ({ host, port, ssl, onConnect }) => {
    const onread = readFrames(
      buffer,
      memory,
      (frame) => socket.emit('data', frame),
      (why) => socket.destroy(why),
    )
    const to = { host, port, onread }
    const named = isIP(host) === 0 ? { ...to, servername: host } : to
    const socket: Socket = ssl ? connectTls({ ...named, ...ssl }, onConnect) : connectTcp(to, onConnect)
    socket.setKeepAlive(true, keepAliveMs)
    // A commit is a few small requests, each waiting for the answer before: delaying them would set the pace.
    socket.setNoDelay(true)
    return socket
  }
}
