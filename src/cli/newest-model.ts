/** The committed versions of a model, as a service would find them. */
import { Health } from '../runtime/health.ts'
import { ModelFollower } from '../runtime/model-follower.ts'
import type { EventLog } from '../runtime/ports.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { partitionsOf } from './committed.ts'
import type { CliContext } from './context.ts'

/** Follows the topic of models while it works; `over` fires when that ends. Null: the follower ended first. */
export async function withFollower<R>(
  { signal, telemetry }: CliContext,
  { name, topics, fingerprint, plan }: ServiceSettings,
  log: EventLog,
  work: (follower: ModelFollower, over: AbortSignal) => Promise<R>,
): Promise<R | null> {
  await partitionsOf(log, topics.models)
  const health = new Health(telemetry)
  const shared = { name, topic: topics.models, fingerprint, plan, log, telemetry, health }
  const follower = new ModelFollower({ ...shared, snapshots: null })
  const enough = new AbortController()
  const over = AbortSignal.any([signal, enough.signal])
  const following = follower.run(over)
  try {
    return await Promise.race([work(follower, over), following.then(() => null)])
  } finally {
    enough.abort()
    await following
  }
}
