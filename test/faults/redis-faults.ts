/** What can be wrong with a Redis, each with the way to do it and to mend it. */
import { redisSnapshots } from '../../src/adapters/redis/redis-snapshots.ts'
import type { SnapshotStore } from '../../src/runtime/ports.ts'
import type { OwnRedis } from './own-redis.ts'

export interface RedisFault {
  readonly name: string
  /** What the health says of it; null: it is over before anybody can see it. */
  readonly says: RegExp | null
  strike(): Promise<unknown>
  mend(): Promise<unknown>
}

const nothing = async () => {}
const cannot = (why: string) => new RegExp(`^ready: degraded: redis: snapshots cannot be kept in Redis now: .*(${why})`)
const notThere = cannot('ECONNREFUSED|ECONNRESET|closed|EPIPE')
const noAnswer = cannot('no answer|timed out|timeout|Socket timeout')
/** Longer than the health needs to say so, on a busy machine, too. */
const pauseMs = 15_000
/** 50 ms a key, with a look at its clients after each: it keeps so many versions that it loads for seconds. */
const slowly = ['--key-load-delay', '50000', '--loading-process-events-interval-bytes', '1024']

/** The snapshots of `name` as any process of Shoal reaches them. */
export function snapshotsOf(redis: OwnRedis): SnapshotStore {
  const url = `redis://127.0.0.1:${redis.admin.options.port}`
  return redisSnapshots({
    endpoint: { kind: 'server', url, username: null, password: null },
    tls: null,
    keyPrefix: 'shoal:',
    historyLimit: 10,
    timeoutMs: 10_000,
  })
}

/** Those that the short form has come first. `onOlder` is told when an older snapshot is about to be put in the newest's place. */
export function redisFaults(redis: OwnRedis, name: string, onOlder: () => void): readonly RedisFault[] {
  const { admin, link } = redis
  const latest = `shoal:{${name}}:latest`
  const fault = (
    what: string,
    says: RegExp | null,
    strike: () => Promise<unknown>,
    mend: () => Promise<unknown> = nothing,
  ): RedisFault => ({ name: `Redis ${what}`, says, strike, mend })
  const configured = (key: string, value: string) => async () => admin.config('SET', key, value)
  const reconnecting = async () => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')

  return [
    fault(
      'killed',
      notThere,
      () => redis.killed(),
      () => {
        // What it had answered while its disk was busy it need not have written.
        onOlder()
        return redis.start()
      },
    ),
    fault(
      'stopped by a signal',
      noAnswer,
      () => redis.kill('SIGSTOP'),
      () => redis.kill('SIGCONT'),
    ),
    fault('holds the snapshot of another log', null, () => writeForeign(redis, name)),
    fault('out of memory', cannot('OOM'), configured('maxmemory', '1'), configured('maxmemory', '0')),
    fault('paused', noAnswer, async () => admin.call('CLIENT', 'PAUSE', pauseMs, 'ALL')),
    fault('flushed', null, async () => {
      await admin.flushall()
      await admin.script('FLUSH')
    }),
    fault('replaced by an old dump', null, async () => {
      await redis.stop()
      onOlder()
      await redis.startFromDump()
    }),
    fault(
      'a read-only replica',
      cannot('READONLY'),
      () => admin.replicaof('127.0.0.1', 1),
      () => admin.replicaof('NO', 'ONE'),
    ),
    fault(
      'with another password',
      cannot('NOAUTH'),
      async () => {
        await admin.config('SET', 'requirepass', 'another')
        await reconnecting()
      },
      configured('requirepass', ''),
    ),
    fault(
      'without permission',
      cannot('NOPERM'),
      () => admin.acl('SETUSER', 'default', '-@scripting'),
      () => admin.acl('SETUSER', 'default', '+@all'),
    ),
    fault(
      'slow',
      noAnswer,
      async () => {
        link.delayMs = 3_000
      },
      async () => {
        link.delayMs = 0
      },
    ),
    fault(
      'loading',
      // The client asks again until it is loaded, so that this may be all that is seen of it.
      cannot('LOADING|no answer'),
      async () => {
        await redis.dump()
        await redis.stop()
        onOlder()
        void redis.startFromDump(slowly)
      },
      () => redis.started(),
    ),
    fault('with a text in its place', null, () => admin.set(latest, 'a text')),
    fault('with damaged bytes', null, () => admin.hset(latest, 'bytes', 'damaged')),
    fault('with its connections reset', null, async () => link.cut()),
  ]
}

/** Of a life that was born later, so that by its place alone it would win for ever. */
async function writeForeign(redis: OwnRedis, name: string): Promise<void> {
  const store = snapshotsOf(redis)
  const there = await store.latest(name)
  if (there === null) throw new Error('there must be a snapshot')
  const foreign = { ...there, bornAtMs: there.bornAtMs + 1 }
  if ((await store.put(foreign)) !== 'written') throw new Error('a later birth must win')
  await store.close()
}
