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
 * lost what it had. Ends when the signal fires, after a last attempt.
 */
export async function writeSnapshots(options: SnapshotWriterOptions, signal: AbortSignal): Promise<void> {
  const { follower, clock, owns } = options
  const backoff = new Backoff(clock)
  let known: PublishedModel | null = null
  while (!signal.aborted) {
    const round = new AbortController()
    const stop = () => round.abort()
    signal.addEventListener('abort', stop, { once: true })
    await Promise.race([follower.newerThan(known, round.signal), clock.sleep(recheckMs, round.signal)])
    round.abort()
    signal.removeEventListener('abort', stop)
    const newest = follower.current()
    if (newest === null) continue
    if (!owns() || (await attempt(options, newest))) {
      known = newest
      backoff.reset()
    } else await backoff.wait(signal)
  }
  const last = follower.current()
  if (last !== null && owns()) await attempt(options, last)
}

async function attempt(options: SnapshotWriterOptions, published: PublishedModel): Promise<boolean> {
  const { name, snapshots, telemetry, health } = options
  const { model, version } = published.scorer
  try {
    await snapshots.put({
      name,
      version,
      bornAtMs: model.bornAtMs,
      fingerprint: model.fingerprint,
      offset: published.offset,
      publishedAtMs: published.publishedAtMs,
      bytes: published.bytes,
      summary: summaryOf(name, published),
    })
    telemetry.gauge('shoal_snapshot_version', version, {})
    health.recovered('redis')
    return true
  } catch (error) {
    if (!(error instanceof ShoalError)) throw error
    telemetry.count('shoal_snapshot_failures_total', 1, { code: codeOf(error) })
    health.failed('redis', error.message)
    return false
  }
}
