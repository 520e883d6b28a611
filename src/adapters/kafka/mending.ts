/** Faults of kafkajs's own objects, mended on the objects: there will be no newer version of it. */
import { apis } from './api.ts'
import { ConnectionLost, exchange, lane } from './connection.ts'
import { authenticateSymbol, type Connection, type ConnectionPool, type KafkajsCluster } from './kafkajs-internals.ts'
import { metadata } from './metadata-request.ts'
import { withLoginTrouble, withPlace } from './refused.ts'
import { honourThrottling, type Throttling } from './throttling.ts'

/** Everything that the cluster will ever make. */
export function mend(cluster: KafkajsCluster, throttling: Throttling): void {
  mendBrokers(cluster)
  mendConnections(cluster, throttling)
}

/**
 * kafkajs throws its whole answer away when one partition of one topic has no leader, and asks for every topic of
 * the cluster when it wants none. It keeps what we read instead.
 */
function mendBrokers({ brokerPool }: KafkajsCluster): void {
  const create = brokerPool.createBroker
  brokerPool.createBroker = (options) => {
    const broker = create(options)
    broker.metadata = async (topics) => {
      const connection = await broker.connectionPool.getConnection(lane.requests)
      return exchange(connection, metadata(topics), apis.Metadata.highest)
    }
    return broker
  }
}

function mendConnections(cluster: KafkajsCluster, throttling: Throttling): void {
  const builder = cluster.connectionPoolBuilder
  const build = builder.build.bind(builder)
  builder.build = async (destination) => {
    const pool = await build(destination)
    // kafkajs makes two connections to a broker; `lane` has three.
    const { host, port, rack } = pool
    pool.pool.push((await build({ host, port, rack })).pool[0])
    mendPool(pool, throttling)
    return pool
  }
}

function mendPool(pool: ConnectionPool, throttling: Throttling): void {
  for (const connection of pool.pool) {
    takeWhole(connection)
    sayWhy(connection)
    shareConnecting(connection)
    disconnectOnce(connection)
    honourThrottling(connection.requestQueue, throttling)
    renewInTime(connection)
    closeWhenRefused(connection)
  }
}

/** What comes is whole answers (`readFrames`): kafkajs would copy each behind the nothing that it kept of the one before. */
function takeWhole(connection: Connection): void {
  const process = connection.processData.bind(connection)
  connection.processData = (frame) => {
    connection.chunks = []
    connection.bytesBuffered = 0
    connection.bytesNeeded = 4
    process(frame)
  }
}

/** A broker that ends TLS for the client's certificate does so after its own part: the first request finds out. */
function sayWhy(connection: Connection): void {
  const connect = connection.connect.bind(connection)
  connection.connect = async () => {
    try {
      return await connect()
    } catch (error) {
      throw error instanceof Error ? withPlace(error, connection) : error
    }
  }
  const { requestQueue } = connection
  const rejectAll = requestQueue.rejectAll.bind(requestQueue)
  requestQueue.rejectAll = (error) => rejectAll(withPlace(error, connection))
}

/** Two callers that find the connection closed would open two sockets, and the one that loses would later close the winner's. */
function shareConnecting(connection: Connection): void {
  const connect = connection.connect.bind(connection)
  let connecting: Promise<unknown> | null = null
  connection.connect = () => {
    connecting ??= connect().finally(() => {
      connecting = null
    })
    return connecting
  }
}

/** A broker that is away is disconnected at every attempt: each would leave a listener on the socket that is gone. */
function disconnectOnce(connection: Connection): void {
  const disconnect = connection.disconnect.bind(connection)
  connection.disconnect = async () => {
    if (connection.connectionStatus === 'disconnected' && connection.socket?.destroyed) return true
    return disconnect()
  }
}

/** Of a session's life, as Java's clients leave it (KIP-368): a renewal takes its time, and no request may come after the end. */
const renewalShare = 0.85

/**
 * kafkajs renews a session ten seconds before its end, and so never stops renewing one that is granted ten seconds or
 * less: a broker refuses a renewal within a second of the last.
 */
function renewInTime(connection: Connection): void {
  connection.isAuthenticated = () => {
    const { authenticatedAt, sessionLifetime } = connection
    if (authenticatedAt === null) return false
    const lifetimeMs = sessionLifetime.toNumber()
    if (lifetimeMs === 0) return true
    const [seconds, nanoseconds] = process.hrtime(authenticatedAt)
    return seconds * 1000 + nanoseconds / 1e6 < lifetimeMs * renewalShare
  }
}

/**
 * The broker takes whatever comes next on a connection whose authentication failed or broke off for more of it, and
 * closes it a moment later. Another attempt must have another connection.
 */
function closeWhenRefused(connection: Connection): void {
  const owner = connection as unknown as Record<symbol, () => Promise<void>>
  const symbol = authenticateSymbol(connection)
  const authenticate = owner[symbol]
  owner[symbol] = async () => {
    try {
      await authenticate()
    } catch (error) {
      connection.requestQueue.rejectAll(new ConnectionLost('authentication failed'))
      await connection.disconnect()
      throw withLoginTrouble(error, connection)
    }
  }
}
