/** What a command follows while it works, as a service would: the committed versions of a model, and whose partitions are. */
import { Health } from '../runtime/health.ts'
import { ModelFollower } from '../runtime/model-follower.ts'
import type { EventLog } from '../runtime/ports.ts'
import { Primaries } from '../runtime/primary/primaries.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { VersionBook } from '../runtime/versions/version-book.ts'
import { mustExist } from './committed.ts'
import type { CliContext } from './context.ts'

/**
 * Follows the topic of models while it works, and has a book of its versions; `over` fires when that ends. Null: the
 * follower ended first.
 */
export async function withFollower<R>(
  { signal, telemetry, clock }: CliContext,
  { name, topics, fingerprint, plan }: ServiceSettings,
  log: EventLog,
  work: (follower: ModelFollower, over: AbortSignal, versions: VersionBook) => Promise<R>,
): Promise<R | null> {
  await mustExist(log, topics.models)
  const health = new Health(telemetry)
  const models = { name, topic: topics.models, fingerprint, plan, log }
  const versions = new VersionBook({ ...models, clock })
  const follower = new ModelFollower({ ...models, snapshots: null, telemetry, health, versions })
  const ended = () => null
  return whileFollowing(signal, follower, (over) => work(follower, over, versions), ended)
}

/** Follows the topic of primaries while it works, or until the signal fires: the work goes on then, and ends itself. */
export async function withPrimaries<R>(
  { telemetry, clock }: Pick<CliContext, 'telemetry' | 'clock'>,
  { name, topics, shadow }: ServiceSettings,
  log: EventLog,
  signal: AbortSignal,
  work: (primaries: Primaries) => Promise<R>,
): Promise<R> {
  await mustExist(log, topics.primary)
  const health = new Health(telemetry, clock)
  const primaries = new Primaries({ topic: topics.primary, first: shadow.of ?? name, log, telemetry, health })
  const ended = () => new Promise<never>(() => {})
  return whileFollowing(signal, primaries, () => work(primaries), ended)
}

/** What the work comes to, or `ended` where the following ends before it. Throws what either throws. */
async function whileFollowing<R, E>(
  signal: AbortSignal,
  followed: { run(signal: AbortSignal): Promise<void> },
  work: (over: AbortSignal) => Promise<R>,
  ended: () => E | Promise<E>,
): Promise<R | E> {
  const enough = new AbortController()
  const over = AbortSignal.any([signal, enough.signal])
  const following = followed.run(over)
  try {
    return await Promise.race([work(over), following.then(ended)])
  } finally {
    enough.abort()
    await following
  }
}
