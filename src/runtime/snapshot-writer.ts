/** Keeps the snapshot store level with the log: what it writes is what the log has committed, never more. */

import { Backoff } from './backoff.ts'
import { codeOf, ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import type { ModelFollower, PublishedModel } from './model-follower.ts'
import type { Clock, SnapshotStore, Telemetry } from './ports.ts'
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
 * lost what it had. A process that does not train only looks, so that its health says how the store is. Ends when the
 * signal fires, after a last attempt.
 */
export async function writeSnapshots(options: SnapshotWriterOptions, signal: AbortSignal): Promise<void> {
  const { follower, clock, owns } = options
  const backoff = new Backoff(clock)
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
    if (await attempt(options, mine)) {
      known = newest
      backoff.reset()
    } else await backoff.wait(signal)
  }
  const last = follower.current()
  if (last !== null && owns()) await attempt(options, last)
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
async function attempt(options: SnapshotWriterOptions, published: PublishedModel | null): Promise<boolean> {
  const { telemetry, health } = options
  try {
    const version = published === null ? await newestThere(options) : await write(options, published)
    if (version !== null) telemetry.gauge('shoal_snapshot_version', version, {})
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

/** The version that the store holds afterwards: another than this one when that is newer. */
async function write(options: SnapshotWriterOptions, published: PublishedModel): Promise<number | null> {
  const { name, snapshots } = options
  const { model, version } = published.scorer
  const outcome = await snapshots.put({
    name,
    version,
    bornAtMs: model.bornAtMs,
    fingerprint: model.fingerprint,
    offset: published.offset,
    publishedAtMs: published.publishedAtMs,
    bytes: published.bytes,
    summary: summaryOf(name, published),
  })
  return outcome === 'written' ? version : newestThere(options)
}

async function newestThere({ name, snapshots }: SnapshotWriterOptions): Promise<number | null> {
  const [newest] = await snapshots.history(name, 1)
  return newest?.version ?? null
}
