/** How Redis is reached: one server by URL, the master that Sentinels name, or a Cluster. */
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { ShoalError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/ports.ts'

/** Contents in PEM, not paths. An empty object: TLS with the system's authorities. */
export interface RedisTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface RedisAddress {
  readonly host: string
  readonly port: number
}

interface Credentials {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export type RedisEndpoint =
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  | { readonly kind: 'server'; readonly url: string }
  | ({
      readonly kind: 'sentinel'
      readonly masterName: string
      readonly sentinels: readonly RedisAddress[]
      /** Of the Sentinels themselves, when they ask for it. */
      readonly sentinelUsername?: string | undefined
      readonly sentinelPassword?: string | undefined
      readonly db?: number | undefined
    } & Credentials)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] } & Credentials)

interface ConnectionOptions {
  readonly endpoint: RedisEndpoint
  readonly tls?: RedisTls | undefined
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
  const common: Omit<RedisOptions, 'replyMapping'> = {
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
    retryStrategy: backoffMs,
    // A replica answers READONLY after a failover: the address may lead to the new master by now.
    reconnectOnError: (error) => error.message.includes('READONLY'),
    ...(tls === undefined ? {} : { tls: present(tls) }),
  }
  switch (endpoint.kind) {
    case 'server':
      // Without asking INFO whether the server is still loading: it says so to a command too, and an ACL may forbid INFO.
      return new Redis(checkUrl(endpoint.url), { ...common, enableReadyCheck: false })
    case 'sentinel':
      return new Redis({
        ...common,
        ...present({ username: endpoint.username, password: endpoint.password, db: endpoint.db }),
        ...present({ sentinelUsername: endpoint.sentinelUsername, sentinelPassword: endpoint.sentinelPassword }),
        name: endpoint.masterName,
        sentinels: endpoint.sentinels.map(({ host, port }) => ({ host, port })),
        sentinelRetryStrategy: backoffMs,
        sentinelCommandTimeout: timeoutMs,
        ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: present(tls) }),
      })
    case 'cluster': {
      const { retryStrategy: _, ...redisOptions } = common
      return new Cluster([...endpoint.nodes], {
        lazyConnect: true,
        clusterRetryStrategy: backoffMs,
        slotsRefreshTimeout: timeoutMs,
        redisOptions: { ...redisOptions, ...present({ username: endpoint.username, password: endpoint.password }) },
      })
    }
  }
}

function backoffMs(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 5), 2000)
}

/** The URL itself is not repeated: it may hold a password. */
function checkUrl(url: string): string {
  if (/^rediss?:\/\//i.test(url) && URL.canParse(url)) return url
  throw new ShoalError('config.invalid', 'the URL of Redis must be redis://… or rediss://…: got something else')
}

function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
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
