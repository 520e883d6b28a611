/** How Redis is reached: one server by URL, the master that Sentinels name, or a Cluster. */
import { Cluster, Redis, type RedisOptions, ReplyError } from 'ioredis'
import type { RedisEndpoint, TlsConfiguration } from '../../runtime/configuration/configuration.ts'
import { tlsOptions } from '../../runtime/configuration/tls-options.ts'
import { reasonOf } from './reasons.ts'

interface ConnectionOptions {
  readonly endpoint: RedisEndpoint
  readonly tls: TlsConfiguration | null
  readonly timeoutMs: number
}

/** A client, and whether it is worth asking. */
export interface RedisConnection {
  readonly client: Redis | Cluster
  /** Why Redis cannot be reached now; null while it can, and while the first attempt is under way. */
  unreachable(): string | null
  /** Why a request has failed. */
  reasonFor(error: Error): string
  /** At once: what is in flight fails. */
  close(): void
}

/**
 * Connects in the background and comes back by itself with backoff. A command waits for the first connection
 * and for its answer no longer than `timeoutMs`; a connection that has been silent for that long under a command
 * is given up, so that nothing piles up behind it.
 */
export function connectRedis(options: ConnectionOptions): RedisConnection {
  const patience = { attempts: 0 }
  const client = buildClient(options, () => backoffMs(++patience.attempts))
  let closed = false
  const reasonFor = (error: Error): string => reasonOf(error, options)
  const unreachable = watch(client, reasonFor, patience)
  // Every failure also comes as an 'error' event, and the client tries again by itself.
  client.connect().catch(() => {})
  return {
    client,
    unreachable: () => (closed ? 'it was closed' : unreachable()),
    reasonFor,
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
    // Without asking INFO whether the server is still loading: it says so to a command too, and an ACL may forbid INFO.
    enableReadyCheck: false,
    ...(endpoint.username === null ? {} : { username: endpoint.username }),
    // The client copies what is in it for each connection.
    ...(tls === null ? {} : { tls: tlsOptions(tls) }),
  }
  switch (endpoint.kind) {
    case 'server':
      return rotating(new Redis(endpoint.url, { ...common, retryStrategy: retryMs }), endpoint)
    case 'sentinel':
      return rotating(
        new Redis({
          ...common,
          retryStrategy: retryMs,
          name: endpoint.master,
          sentinels: [...endpoint.sentinels],
          sentinelRetryStrategy: retryMs,
          sentinelCommandTimeout: timeoutMs,
          ...(endpoint.sentinelUsername === null ? {} : { sentinelUsername: endpoint.sentinelUsername }),
          ...(tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) }),
        }),
        endpoint,
      )
    case 'cluster': {
      const cluster = new Cluster([...endpoint.nodes], {
        lazyConnect: true,
        clusterRetryStrategy: retryMs,
        slotsRefreshTimeout: timeoutMs,
        redisOptions: common,
      })
      // Told of each node before it is connected to.
      return cluster.on('+node', (node: Redis) => rotating(node, endpoint))
    }
  }
}

/** Has the client ask for passwords whenever it connects: it would keep those of its beginning. */
function rotating(client: Redis, endpoint: RedisEndpoint): Redis {
  const sentinelPassword = endpoint.kind === 'sentinel' ? endpoint.sentinelPassword : null
  for (const [name, secret] of Object.entries({ password: endpoint.password, sentinelPassword })) {
    if (secret === null) continue
    Object.defineProperty(client.options, name, { get: () => secret.reveal(), enumerable: true, configurable: true })
  }
  return client
}

function backoffMs(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 5), 2000)
}

/**
 * Tells why the server cannot be reached when it cannot. What stands before a server may take connections for it and end
 * them: it is there again when it has answered, if only to refuse.
 */
function watch(
  client: Redis | Cluster,
  reasonFor: (error: Error) => string,
  patience: { attempts: number },
): () => string | null {
  let isDown = false
  let lastError: Error | null = null
  client.on('error', (error: Error) => {
    lastError = error
    if (client.status !== 'ready') isDown = true
  })
  client.on('close', () => {
    isDown = true
  })
  const answered = (): void => {
    isDown = false
    lastError = null
    patience.attempts = 0
  }
  client.on('ready', () => {
    client.ping().then(answered, (error: Error) => {
      if (!(error instanceof ReplyError)) return
      if (!error.message.startsWith('NOAUTH')) return answered()
      // Without a word of why a stranger's long request ends the connection. A wrong password has been said before this.
      if (!/WRONGPASS/.test(lastError?.message ?? '')) lastError = error
      isDown = true
      client.disconnect(true)
    })
  })
  return () => (isDown ? reasonFor(lastError ?? new Error('the connection was closed')) : null)
}
