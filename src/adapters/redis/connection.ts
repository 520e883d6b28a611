/** How Redis is reached: one server by URL, the master that Sentinels name, or a Cluster. */
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { RedisEndpoint, TlsConfiguration } from '../../runtime/configuration/configuration.ts'
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
  const client = buildClient(options)
  let closed = false
  const unreachable = watch(client, options.log, () => closed)
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

function buildClient({ endpoint, tls, timeoutMs }: ConnectionOptions): Redis | Cluster {
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
      return new Redis(url, { ...secured, ...common, retryStrategy: backoffMs, enableReadyCheck: false })
    }
    case 'sentinel':
      return new Redis({
        ...common,
        retryStrategy: backoffMs,
        name: endpoint.master,
        sentinels: [...endpoint.sentinels],
        sentinelRetryStrategy: backoffMs,
        sentinelCommandTimeout: timeoutMs,
        ...(endpoint.sentinelUsername === null ? {} : { sentinelUsername: endpoint.sentinelUsername }),
        ...(endpoint.sentinelPassword === null ? {} : { sentinelPassword: endpoint.sentinelPassword.reveal() }),
        ...(tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) }),
      })
    case 'cluster':
      return new Cluster([...endpoint.nodes], {
        lazyConnect: true,
        clusterRetryStrategy: backoffMs,
        slotsRefreshTimeout: timeoutMs,
        redisOptions: common,
      })
  }
}

function tlsOptions({ ca, cert, key, keyPassphrase, serverName }: TlsConfiguration): TlsOptions {
  return {
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key: key.reveal() }),
    ...(keyPassphrase === null ? {} : { passphrase: keyPassphrase.reveal() }),
    ...(serverName === null ? {} : { servername: serverName }),
  }
}

function backoffMs(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 5), 2000)
}

/** Logs the changes of state, and tells why the server cannot be reached when it cannot. */
function watch(client: Redis | Cluster, log: Log, closed: () => boolean): () => string | null {
  let down: string | null = null
  let lastError: string | null = null
  const lost = (): void => {
    if (down !== null || closed()) return
    down = lastError ?? 'the connection was closed'
    log.warn('Redis is not reachable: snapshots are neither read nor written until it is back', { reason: down })
  }
  client.on('error', (error: Error) => {
    lastError = error.message
    if (client.status !== 'ready') lost()
  })
  client.on('close', lost)
  client.on('ready', () => {
    if (down !== null) log.info('Redis is reachable again')
    down = null
    lastError = null
  })
  return () => down
}
