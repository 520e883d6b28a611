/** How Redis is reached: one server by URL, the master that Sentinels name, or a Cluster. */
import { Cluster, Redis, type RedisOptions, ReplyError } from 'ioredis'
import type { RedisEndpoint, TlsConfiguration } from '../../runtime/configuration/configuration.ts'
import { tlsOptions } from '../../runtime/configuration/tls-options.ts'
import type { Log } from '../../runtime/ports.ts'

interface ConnectionOptions {
  readonly endpoint: RedisEndpoint
  readonly tls: TlsConfiguration | null
  readonly timeoutMs: number
  readonly log: Log
}

/** A client, and whether it is worth asking. */
export interface RedisConnection {
  readonly client: Redis | Cluster
  /** Why Redis cannot be reached now; null while it can, and while the first attempt is under way. */
  unreachable(): string | null
  /** At once: what is in flight fails. */
  close(): void
}

/**
 * Connects in the background and comes back by itself with backoff. A command waits for the first connection
 * and for its answer no longer than `timeoutMs`; a connection that has been silent for that long under a command
 * is given up, so that nothing piles up behind it. One line is logged per change of state.
 */
export function connectRedis(options: ConnectionOptions): RedisConnection {
  const patience = { attempts: 0 }
  const client = buildClient(options, () => backoffMs(++patience.attempts))
  let closed = false
  const unreachable = watch(client, options.log, patience, () => closed)
  // Every failure also comes as an 'error' event, and the client tries again by itself.
  client.connect().catch(() => {})
  return {
    client,
    unreachable: () => (closed ? 'it was closed' : unreachable()),
    close: () => {
      closed = true
      client.disconnect()
    },
  }
}

function buildClient({ endpoint, tls, timeoutMs }: ConnectionOptions, retryMs: () => number): Redis | Cluster {
  const common: Omit<RedisOptions, 'replyMapping' | 'retryStrategy'> = {
    lazyConnect: true,
    // RESP2 is what every server and proxy speaks, and nothing here needs more.
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxLoadingRetryTime: 1000,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    // A replica answers READONLY after a failover: the address may lead to the new master by now.
    reconnectOnError: (error) => error.message.includes('READONLY'),
    ...(endpoint.username === null ? {} : { username: endpoint.username }),
    ...(endpoint.password === null ? {} : { password: endpoint.password.reveal() }),
    ...(tls === null ? {} : { tls: tlsOptions(tls) }),
  }
  switch (endpoint.kind) {
    case 'server': {
      const url = endpoint.url.reveal()
      // The client knows the scheme in small letters only, and would talk in the clear otherwise.
      const secured = /^rediss:/i.test(url) ? { tls: {} } : {}
      // Without asking INFO whether the server is still loading: it says so to a command too, and an ACL may forbid INFO.
      return new Redis(url, { ...secured, ...common, retryStrategy: retryMs, enableReadyCheck: false })
    }
    case 'sentinel':
      return new Redis({
        ...common,
        retryStrategy: retryMs,
        name: endpoint.master,
        sentinels: [...endpoint.sentinels],
        sentinelRetryStrategy: retryMs,
        sentinelCommandTimeout: timeoutMs,
        ...(endpoint.sentinelUsername === null ? {} : { sentinelUsername: endpoint.sentinelUsername }),
        ...(endpoint.sentinelPassword === null ? {} : { sentinelPassword: endpoint.sentinelPassword.reveal() }),
        ...(tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) }),
      })
    case 'cluster':
      return new Cluster([...endpoint.nodes], {
        lazyConnect: true,
        clusterRetryStrategy: retryMs,
        slotsRefreshTimeout: timeoutMs,
        redisOptions: common,
      })
  }
}

function backoffMs(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 5), 2000)
}

/**
 * Logs the changes of state, and tells why the server cannot be reached when it cannot. What stands before a server
 * may take connections for it and end them: it is there again when it has answered, if only to refuse.
 */
function watch(
  client: Redis | Cluster,
  log: Log,
  patience: { attempts: number },
  closed: () => boolean,
): () => string | null {
  let isDown = false
  let lastError: string | null = null
  const reason = (): string => lastError ?? 'the connection was closed'
  const lost = (): void => {
    if (isDown || closed()) return
    isDown = true
    log.warn('Redis is not reachable: snapshots are neither read nor written until it is back', { reason: reason() })
  }
  const answered = (): void => {
    if (isDown) log.info('Redis is reachable again')
    isDown = false
    lastError = null
    patience.attempts = 0
  }
  client.on('error', (error: Error) => {
    lastError = error.message
    if (client.status !== 'ready') lost()
  })
  client.on('close', lost)
  client.on('ready', () => {
    client.ping().then(answered, (error: Error) => {
      if (!(error instanceof ReplyError)) return
      if (!error.message.startsWith('NOAUTH')) return answered()
      // It would answer the long requests of a stranger by ending the connection, without saying why.
      lastError = error.message
      lost()
      client.disconnect(true)
    })
  })
  return () => (isDown ? reason() : null)
}
