import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AnswerMemory } from '../../../src/adapters/kafka/answer-memory.ts'
import { lane } from '../../../src/adapters/kafka/connection.ts'
import {
  authenticateSymbol,
  type Connection,
  createCluster,
  loadInternals,
} from '../../../src/adapters/kafka/kafkajs-internals.ts'
import { mend } from '../../../src/adapters/kafka/mending.ts'
import { socketsInto } from '../../../src/adapters/kafka/sockets.ts'

const kafkaAt = (port: number) =>
  new kafkajs.Kafka({
    brokers: [`127.0.0.1:${port}`],
    clientId: 'test',
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: socketsInto(new AnswerMemory()),
  })

describe('kafkajs', () => {
  test('is the version whose internals we know, and package.json allows no other', () => {
    const load = createRequire(import.meta.url)
    expect(load('kafkajs/package.json').version).toBe('2.2.4')
    const own = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'))
    expect(own.dependencies.kafkajs).toBe('2.2.4')
  })

  test('has the cluster that we build on', () => {
    const cluster = createCluster(kafkaAt(9)) as object
    for (const name of [
      'connect',
      'disconnect',
      'addMultipleTargetTopics',
      'refreshMetadata',
      'getNodeIds',
      'findBroker',
      'findTopicPartitionMetadata',
    ]) {
      expect(cluster, name).toHaveProperty(name, expect.any(Function))
    }
    expect(cluster).toHaveProperty('connectionPoolBuilder.build', expect.any(Function))
    expect(cluster).toHaveProperty('brokerPool.createBroker', expect.any(Function))
    expect(cluster).toHaveProperty('brokerPool.brokers', {})
    expect(cluster).toHaveProperty('brokerPool.metadata', null)
    expect(cluster).toHaveProperty('rootLogger.namespace', expect.any(Function))
  })

  test('has the connection and the queue that we send through', async () => {
    const cluster = createCluster(kafkaAt(9))
    const { pool } = await cluster.connectionPoolBuilder.build()
    expect(pool).toHaveLength(2)
    for (const name of [
      'isConnected',
      'isAuthenticated',
      'connect',
      'disconnect',
      'authenticate',
      'nextCorrelationId',
      'processData',
    ]) {
      expect(pool[0], name).toHaveProperty(name, expect.any(Function))
    }
    expect(pool[0]).toMatchObject({ clientId: 'test', sasl: null, chunks: [], bytesBuffered: 0, bytesNeeded: 4 })
    for (const name of [
      'push',
      'maybeThrottle',
      'rejectAll',
      'scheduleCheckPendingRequests',
      'checkPendingRequests',
      'canSendSocketRequestImmediately',
      'fulfillRequest',
    ]) {
      expect(pool[0].requestQueue, name).toHaveProperty(name, expect.any(Function))
    }
    expect(pool[0].requestQueue).toMatchObject({ pending: [], throttleCheckTimeoutId: null })
    expect(pool[0].authenticatedAt).toBeNull()
    expect(pool[0].sessionLifetime.toNumber()).toBe(0)
    expect(Reflect.get(pool[0], authenticateSymbol(pool[0]))).toBeTypeOf('function')
  })

  test('has brokers, each with a pool of connections that know where they lead', async () => {
    const { connectionPoolBuilder, brokerPool, rootLogger } = createCluster(kafkaAt(9))
    const connectionPool = await connectionPoolBuilder.build({ host: 'there', port: 9, rack: 'r' })
    const broker = brokerPool.createBroker({ connectionPool, nodeId: 7, logger: rootLogger })
    expect(broker).toMatchObject({ connectionPool, metadata: expect.any(Function) })
    expect(connectionPool).toMatchObject({ host: 'there', port: 9, getConnection: expect.any(Function) })
    for (const connection of connectionPool.pool)
      expect(connection).toMatchObject({ host: 'there', port: 9, connectionStatus: 'disconnected' })
  })

  test('has the admin client', () => {
    const { createAdmin } = loadInternals()
    const cluster = createCluster(kafkaAt(9))
    const retry = { initialRetryTime: 1, maxRetryTime: 1, factor: 0, multiplier: 1, retries: 0 }
    const admin = createAdmin({ retry, logger: cluster.rootLogger, cluster })
    expect(admin).toMatchObject({
      createTopics: expect.any(Function),
      createPartitions: expect.any(Function),
      describeConfigs: expect.any(Function),
    })
  })
})

describe('a mended connection', () => {
  let server: Server
  const accepted: Socket[] = []
  const throttled: number[] = []
  const port = () => (server.address() as { port: number }).port

  beforeEach(async () => {
    server = createServer((socket) => accepted.push(socket.on('error', () => undefined)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    for (const socket of accepted.splice(0)) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  async function connection() {
    const cluster = createCluster(kafkaAt(port()))
    mend(cluster, { now: () => performance.now(), onThrottled: (ms) => throttled.push(ms) })
    return (await cluster.connectionPoolBuilder.build()).pool[0]
  }

  test('is opened once for all who ask at the same time', async () => {
    const mended = await connection()
    await Promise.all([mended.connect(), mended.connect(), mended.connect()])
    await vi.waitFor(() => expect(accepted).toHaveLength(1))
    expect(mended).toMatchObject({ connectionStatus: 'connected' })
  })

  test('sets no timer while nothing waits: kafkajs sets one in the past, of which Node warns', async () => {
    const { requestQueue } = await connection()
    const set = vi.spyOn(globalThis, 'setTimeout')
    try {
      requestQueue.checkPendingRequests()
      expect(set).not.toHaveBeenCalled()
    } finally {
      set.mockRestore()
    }
  })

  test('forgets half an answer when it is opened again', async () => {
    const mended = await connection()
    await mended.connect()
    await vi.waitFor(() => expect(accepted).toHaveLength(1))
    accepted[0].write(Buffer.from([0, 0, 1, 0, 1, 2, 3]))
    accepted[0].end()
    await vi.waitFor(() => expect(mended.isConnected()).toBe(false))
    await mended.connect()
    await vi.waitFor(() => expect(accepted).toHaveLength(2))
    const answered = vi.fn()
    mended.requestQueue.fulfillRequest = answered
    const answer = Buffer.from([0, 0, 0, 6, 0, 0, 0, 9, 5, 5])
    accepted[1].write(answer.subarray(0, 7))
    accepted[1].write(Buffer.concat([answer.subarray(7), answer]))
    await vi.waitFor(() => expect(answered).toHaveBeenCalledTimes(2))
    expect(answered).toHaveBeenCalledWith({ size: 6, correlationId: 9, payload: Buffer.from([5, 5]) })
  })

  test('is closed by an answer whose length is none', async () => {
    const mended = await connection()
    await mended.connect()
    await vi.waitFor(() => expect(accepted).toHaveLength(1))
    accepted[0].write(Buffer.from([255, 0, 0, 0]))
    await vi.waitFor(() => expect(mended.isConnected()).toBe(false))
  })

  test('leaves nothing on a socket that is gone, however often it is disconnected', async () => {
    const mended = await connection()
    await mended.connect()
    await vi.waitFor(() => expect(accepted).toHaveLength(1))
    accepted[0].destroy()
    const socket = mended.socket as unknown as Socket
    await vi.waitFor(() => expect(socket.destroyed).toBe(true))
    for (let i = 0; i < 20; i++) await mended.disconnect()
    expect(socket.listenerCount('connect')).toBeLessThanOrEqual(1)
  })

  test('sets no timer while nothing waits to be sent', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const mended = await connection()
    mended.requestQueue.scheduleCheckPendingRequests()
    expect(timers).not.toHaveBeenCalled()
    timers.mockRestore()
  })

  test.each([
    { grantedMs: 0, ageMs: 1_000_000, holds: true },
    { grantedMs: 60_000, ageMs: 50_000, holds: true },
    { grantedMs: 60_000, ageMs: 52_000, holds: false },
    { grantedMs: 2_000, ageMs: 0, holds: true },
    { grantedMs: 2_000, ageMs: 1_900, holds: false },
  ])(
    'renews a session before its end, however short: $grantedMs ms, at $ageMs',
    async ({ grantedMs, ageMs, holds }) => {
      const [seconds, nanoseconds] = process.hrtime()
      const session = {
        authenticatedAt: [seconds - ageMs / 1000, nanoseconds],
        sessionLifetime: { toNumber: () => grantedMs },
      }
      expect(Object.assign(await connection(), session).isAuthenticated()).toBe(holds)
    },
  )

  test('is closed when its authentication fails', async () => {
    const mended = await connection()
    await mended.connect()
    await vi.waitFor(() => expect(accepted).toHaveLength(1))
    Object.assign(mended, { sasl: { mechanism: 'plain' }, versions: {} })
    await expect(mended.authenticate()).rejects.toThrow()
    expect(mended.isConnected()).toBe(false)
  })

  test('sends nothing for as long as a broker asks, and then all of it in order; another connection goes on', async () => {
    const cluster = createCluster(kafkaAt(port()))
    mend(cluster, { now: () => performance.now(), onThrottled: (ms) => throttled.push(ms) })
    const { pool } = await cluster.connectionPoolBuilder.build()
    expect(pool).toHaveLength(3)
    await Promise.all(pool.map((each) => each.connect()))
    const sent: string[] = []
    const send = (connection: Connection, what: string): void =>
      connection.requestQueue.push({
        entry: {
          apiKey: 0,
          apiName: what,
          apiVersion: 0,
          correlationId: connection.nextCorrelationId(),
          resolve() {},
          reject() {},
        },
        expectResponse: true,
        requestTimeout: null,
        sendRequest: () => sent.push(`${what} after ${performance.now() - askedMs >= 300 ? 'the rest' : 'too little'}`),
      })
    const askedMs = performance.now()
    pool[lane.records].requestQueue.maybeThrottle(300)
    pool[lane.records].requestQueue.maybeThrottle(100)
    for (const what of ['first', 'second']) send(pool[lane.records], what)
    send(pool[lane.requests], 'another')
    expect(sent).toEqual(['another after too little'])
    await vi.waitFor(() => expect(sent).toHaveLength(3))
    expect(sent.slice(1)).toEqual(['first after the rest', 'second after the rest'])
    expect(throttled).toEqual([300, 100])
    for (const each of pool) each.requestQueue.rejectAll(new Error('over'))
  })
})
