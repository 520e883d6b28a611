/** Faults of kafkajs's own objects, mended on the objects: there will be no newer version of it. */
import { apis } from './api.ts'
import { exchange, lane } from './connection.ts'
import type { Connection, ConnectionPool, KafkajsCluster } from './kafkajs-internals.ts'
import { metadata } from './metadata-request.ts'

/** Everything that the cluster will ever make. */
export function mend(cluster: KafkajsCluster): void {
  mendBrokers(cluster)
  mendConnections(cluster)
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

function mendConnections(cluster: KafkajsCluster): void {
  const builder = cluster.connectionPoolBuilder
  const build = builder.build.bind(builder)
  builder.build = async (destination) => {
    const pool = await build(destination)
    mendPool(pool)
    return pool
  }
}

function mendPool(pool: ConnectionPool): void {
  for (const connection of pool.pool) {
    shareConnecting(connection)
    disconnectOnce(connection)
    stopIdling(connection)
  }
}

/**
 * Two callers that find the connection closed would open two sockets, and the one that loses would later close the
 * winner's. And bytes of an answer that was cut off must not be taken for the beginning of the next connection's.
 */
function shareConnecting(connection: Connection): void {
  const connect = connection.connect.bind(connection)
  let connecting: Promise<unknown> | null = null
  connection.connect = () => {
    if (connecting === null) {
      if (!connection.isConnected()) {
        connection.chunks = []
        connection.bytesBuffered = 0
        connection.bytesNeeded = 4
      }
      connecting = connect().finally(() => {
        connecting = null
      })
    }
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

/** The queue sets a timer of a millisecond again and again even when nothing waits. */
function stopIdling(connection: Connection): void {
  const queue = connection.requestQueue
  const schedule = queue.scheduleCheckPendingRequests.bind(queue)
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule()
  }
}
