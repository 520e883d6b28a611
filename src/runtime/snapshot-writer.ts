/** Keeps the snapshot store level with the log: what it writes is what the log has committed, never more. */

import { Backoff } from './backoff.ts'
import { codeOf, ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import type { ModelFollower, PublishedModel } from './model-follower.ts'
import type { Clock, Snapshot, SnapshotStore, Telemetry } from './ports.ts'
import { inSpan } from './span.ts'
import { summaryOf } from './summary.ts'

export interface SnapshotWriterOptions {
  readonly name: string
  readonly follower: ModelFollower
  readonly snapshots: SnapshotStore
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
  /** Whether this process trains: one writer is enough, though several do no harm. */
  readonly owns: () => boolean
}

const recheckMs = 5_000

/**
 * Writes each new version, the newest first when it cannot keep up, and looks again every 5 s in case the store has
 * lost what it had, or holds what is not of this log. A process that does not train only looks, so that its health says how the store is. Ends when the
 * signal fires, after a last attempt.
 */
export async function writeSnapshots(options: SnapshotWriterOptions, signal: AbortSignal): Promise<void> {
  const { follower, clock, owns } = options
  const backoff = new Backoff(clock, recheckMs)
  let known: PublishedModel | null = null
  let lookAtMs = clock.now() + recheckMs
  while (!signal.aborted) {
    await newerOrTime(follower, known, Math.max(0, lookAtMs - clock.now()), clock, signal)
    if (signal.aborted) break
    const newest = follower.current()
    const mine = newest !== null && owns() ? newest : null
    if (mine === null && clock.now() < lookAtMs) {
      known = newest
      continue
    }
    lookAtMs = clock.now() + recheckMs
    if (await attempt(options, mine, signal)) {
      known = newest
      backoff.reset()
    } else await backoff.wait(signal)
  }
  const last = follower.current()
  if (last !== null && owns()) await attempt(options, last, signal)
}

/** Waits for a version other than `known`, for so long, or for the signal. */
async function newerOrTime(
  follower: ModelFollower,
  known: PublishedModel | null,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const round = new AbortController()
  const stop = () => round.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  await Promise.race([follower.newerThan(known, round.signal), clock.sleep(ms, round.signal)])
  round.abort()
  signal.removeEventListener('abort', stop)
}

/** Writes the version, or looks at what is there when there is none to write. False when the store failed. */
async function attempt(
  options: SnapshotWriterOptions,
  published: PublishedModel | null,
  signal: AbortSignal,
): Promise<boolean> {
  const { telemetry, health } = options
  try {
    const kept = published === null ? await newestThere(options) : await write(options, published, signal)
    if (kept !== null) {
      telemetry.gauge('shoal_snapshot_version', kept.version, {})
      telemetry.gauge('shoal_snapshot_published_timestamp_seconds', kept.publishedAtMs / 1000, {})
    }
    health.recovered('redis')
    health.recovered('snapshots')
    return true
  } catch (error) {
    if (!(error instanceof ShoalError)) throw error
    telemetry.count('shoal_snapshot_failures_total', 1, { code: codeOf(error) })
    health.failed('redis', error.message)
    return false
  }
}

/** What the store holds, as far as is to be told of it. */
interface Kept {
  readonly version: number
  readonly publishedAtMs: number
}

/** The version that the store holds afterwards: another than this one when that is newer. Null: none, or it is not known. */
async function write(
  options: SnapshotWriterOptions,
  published: PublishedModel,
  signal: AbortSignal,
): Promise<Kept | null> {
  const { name, snapshots, telemetry } = options
  if ((await put(options, published)) === 'written') return keptOf(published)
  const there = await snapshots.latest(name)
  if (there === null || isSame(there, published)) return there
  const newest = await newestInLog(options, signal)
  if (newest === null || !isBeyond(there, newest)) return there
  const instead = newest.scorer.version
  telemetry.count('shoal_snapshot_failures_total', 1, { code: 'snapshot.foreign' })
  telemetry.log.warn(
    `the snapshot of version ${there.version} is not in the log, whose newest is ${instead}: it is replaced`,
    { code: 'snapshot.foreign' },
  )
  return (await put(options, newest, there)) === 'written' ? keptOf(newest) : null
}

function put(
  { name, snapshots, telemetry }: SnapshotWriterOptions,
  published: PublishedModel,
  instead?: Snapshot,
): Promise<'written' | 'stale'> {
  const { bytes, scorer } = published
  const facts = { 'shoal.model.version': scorer.version, 'shoal.snapshot.bytes': bytes.length }
  return inSpan(telemetry, 'write snapshot', { kind: 'client', isRoot: true, facts }, async (span) => {
    const outcome = await snapshots.put(snapshotOf(name, published), instead)
    span.add({ 'shoal.snapshot.outcome': outcome })
    if (outcome === 'written') telemetry.gauge('shoal_snapshot_bytes', bytes.length, {})
    return outcome
  })
}

const keptOf = ({ scorer, publishedAtMs }: PublishedModel): Kept => ({ version: scorer.version, publishedAtMs })

/**
 * A snapshot is written after its version was committed. So one that was in the store before the log was asked, and
 * is beyond all that the log then held, is of another log or of one that has lost its end. A process that was asleep
 * asks the log like any other, and can therefore replace nothing that is right.
 */
async function newestInLog({ follower }: SnapshotWriterOptions, signal: AbortSignal): Promise<PublishedModel | null> {
  try {
    return await follower.upToDate(signal)
  } catch (error) {
    if (error instanceof ShoalError) return null // That Kafka does not answer is for others to say.
    throw error
  }
}

/** As new or newer than the log's newest by what it says, and not that one. */
function isBeyond(there: Snapshot, newest: PublishedModel): boolean {
  const { bornAtMs, version } = newest.scorer.model
  if (there.bornAtMs !== bornAtMs) return there.bornAtMs > bornAtMs
  return there.version > version || (there.version === version && !isSame(there, newest))
}

function isSame(there: Snapshot, { offset, bytes, scorer }: PublishedModel): boolean {
  const { version, bornAtMs, fingerprint } = scorer.model
  const isSaid = there.version === version && there.bornAtMs === bornAtMs && there.fingerprint === fingerprint
  return isSaid && there.offset === offset && Buffer.compare(there.bytes, bytes) === 0
}

function snapshotOf(name: string, published: PublishedModel): Snapshot {
  const { model, version } = published.scorer
  const { offset, publishedAtMs, bytes } = published
  const { bornAtMs, fingerprint } = model
  const summary = summaryOf(name, published)
  return { name, version, bornAtMs, fingerprint, offset, publishedAtMs, bytes, summary }
}

async function newestThere({ name, snapshots }: SnapshotWriterOptions): Promise<Kept | null> {
  const [newest] = await snapshots.history(name, 1)
  return newest ?? null
}
