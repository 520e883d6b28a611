/** The committed versions of a model, as a service would find them. */
import { Health } from '../runtime/health.ts'
import { ModelFollower } from '../runtime/model-follower.ts'
import type { EventLog } from '../runtime/ports.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { VersionBook } from '../runtime/versions/version-book.ts'
import { partitionsOf } from './committed.ts'
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
  await partitionsOf(log, topics.models)
  const health = new Health(telemetry)
  const models = { name, topic: topics.models, fingerprint, plan, log }
  const versions = new VersionBook({ ...models, clock })
  const follower = new ModelFollower({ ...models, snapshots: null, telemetry, health, versions })
  const enough = new AbortController()
  const over = AbortSignal.any([signal, enough.signal])
  const following = follower.run(over)
  try {
    return await Promise.race([work(follower, over, versions), following.then(() => null)])
  } finally {
    enough.abort()
    await following
  }
}
