/**
 * Snapshots in Redis, for processes that start and for people and services that read clusters. Never the truth.
 *
 *     shoal:{name}:latest        hash: name, version, bornAtMs, fingerprint, offset, publishedAtMs, digest, bytes
 *     shoal:{name}:version:<n>   the same, of one version of the history
 *     shoal:{name}:history       sorted set by version of "<version>:<publishedAtMs>"
 *     shoal:{name}:clusters      string: the clusters as JSON
 *
 * `shoal:` is the key prefix of the configuration; the braces are part of the keys.
 *
 * Nothing expires. The server's policy should be `noeviction`: what it evicts is written again with the next version.
 */
import type { RedisConfiguration } from '../../runtime/configuration/configuration.ts'
import { codeOf, ShoalError } from '../../runtime/errors.ts'
import { checkModelName } from '../../runtime/model-name.ts'
import type { Snapshot, SnapshotStore } from '../../runtime/ports.ts'
import { modelRecordBytes } from '../../runtime/topics.ts'
import { connectRedis, type RedisConnection } from './connection.ts'
import { putScript, putScriptSha } from './put-script.ts'
import { decodeHash, encodeHash, hashFields, snapshotDigest } from './snapshot-hash.ts'

interface RedisSnapshotsOptions extends RedisConfiguration {
  /** The longest that one call may take, in ms. */
  readonly timeoutMs: number
}

/** Every error is `snapshots.unavailable`, but for what is there and cannot be used (`snapshot.damaged`, `snapshot.foreign`). */
export function redisSnapshots(options: RedisSnapshotsOptions): SnapshotStore {
  const connection = connectRedis(options)
  const { client } = connection
  const ask = <T>(work: () => Promise<T>): Promise<T> => answer(connection, options.timeoutMs, work)
  const keysOf = (name: string): Keys => keysUnder(options.keyPrefix, name)
  const readHash = async (name: string, key: string): Promise<Snapshot | null> => {
    await refuseTooLarge(connection, key)
    return decodeHash(name, key, await client.hmgetBuffer(key, ...hashFields))
  }

  return {
    put: (snapshot, instead) =>
      ask(() => put(connection, keysOf(snapshot.name), snapshot, options.historyLimit, instead)),
    latest: (name) => ask(() => readHash(name, keysOf(name).latest)),
    read: (name, version) => ask(() => readHash(name, keysOf(name).versionPrefix + version)),
    history: (name, limit) =>
      ask(async () => {
        const members = limit > 0 ? await client.zrevrange(keysOf(name).history, 0, limit - 1) : []
        return members.flatMap((member) => {
          const [, version, publishedAtMs] = /^(\d+):(\d+)$/.exec(member) ?? []
          return version === undefined ? [] : [{ version: Number(version), publishedAtMs: Number(publishedAtMs) }]
        })
      }),
    close: async () => connection.close(),
  }
}

interface Keys {
  readonly latest: string
  readonly history: string
  readonly clusters: string
  readonly versionPrefix: string
}

/** One hash tag per model, so that its keys share a slot of a Cluster. */
function keysUnder(keyPrefix: string, name: string): Keys {
  const prefix = `${keyPrefix}{${checkModelName(name)}}:`
  return {
    latest: `${prefix}latest`,
    history: `${prefix}history`,
    clusters: `${prefix}clusters`,
    versionPrefix: `${prefix}version:`,
  }
}

/** Nothing that Shoal writes is larger: what is must not be brought into memory to find that out. */
const mostBytes = modelRecordBytes + 65_536

async function refuseTooLarge({ client }: RedisConnection, key: string): Promise<void> {
  const lengths = await Promise.all(hashFields.map((field) => client.hstrlen(key, field)))
  const bytes = lengths.reduce((sum, length) => sum + length, 0)
  if (bytes > mostBytes) {
    throw new ShoalError('snapshot.damaged', `a snapshot must have at most ${mostBytes} bytes: ${key} has ${bytes}`)
  }
}

async function put(
  { client }: RedisConnection,
  { latest, history, clusters, versionPrefix }: Keys,
  snapshot: Snapshot,
  limit: number,
  instead: Snapshot | undefined,
): Promise<'written' | 'stale'> {
  const keys = [latest, history, clusters, versionPrefix + snapshot.version]
  const absent = instead === undefined ? '' : snapshotDigest(instead)
  const args = [...keys, ...encodeHash(snapshot), limit, versionPrefix, snapshot.summary ?? '', absent]
  // The server forgets scripts when it restarts or fails over: then it is sent whole, once.
  const reply = await client.evalsha(putScriptSha, keys.length, ...args).catch((error: Error) => {
    if (error.message.startsWith('NOSCRIPT')) return client.eval(putScript, keys.length, ...args)
    throw error
  })
  return reply === 'written' ? 'written' : 'stale'
}

/** The client's own timeouts do not cover a Cluster that is still being found, so there is one around everything. */
async function answer<T>(connection: RedisConnection, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const reason = connection.unreachable()
  if (reason !== null) throw unavailable(reason)
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work(), timeout])
  } catch (error) {
    if (codeOf(error) !== 'unexpected') throw error
    const words = error instanceof Error ? error.message : String(error)
    if (words.startsWith('WRONGTYPE')) {
      throw new ShoalError('snapshot.damaged', `the keys of a model must be of Shoal's types: ${words}`)
    }
    throw unavailable(connection.unreachable() ?? connection.reasonFor(new Error(words)))
  } finally {
    clearTimeout(timer)
  }
}

/** The client's errors carry the command and its arguments: only their words go further. */
function unavailable(words: string): ShoalError {
  return new ShoalError('snapshots.unavailable', `snapshots cannot be kept in Redis now: ${words}`, {
    cause: new Error(words),
  })
}
