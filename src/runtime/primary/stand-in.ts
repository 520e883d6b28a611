/**
 * Hands over what a deployment without processes cannot hand over any more.
 *
 * Mechanism: who stands in joins the group of that deployment, as a process of it would, and hands over what it holds by the
 * same transaction: the record, and the position, committed in the present generation of that group. Consequence: a process
 * of it that comes back in that moment either holds the partition first, and the transaction is fenced, or takes it over
 * later and reads the record. Guarantee: the same as of every other hand-over; there is no second protocol.
 */
import { memberUntil } from '../membership/member-until.ts'
import type { Share } from '../ports.ts'
import { registerAll } from '../registering.ts'
import { Frontier } from './frontier.ts'
import { appendHandOvers, type HandOverTopics } from './hand-overs.ts'
import type { Promoting } from './promoting.ts'
import { Roles } from './roles.ts'

/** Until the deployment is the primary of nothing, or the signal fires. */
export async function standIn(promoting: Promoting, deployment: string, signal: AbortSignal): Promise<void> {
  const { log, settings, telemetry } = promoting
  const { name, topics } = settings
  const ids = await registerAll(settings, promoting)
  if (signal.aborted) return
  telemetry.log.info('what a deployment without processes has is taken from it', { deployment })
  const places: HandOverTopics = {
    primary: { topic: topics.primary, schemaId: ids.primary },
    driftEvents: { topic: topics.driftEvents, schemaId: ids.driftEvent, name },
  }
  await memberUntil(
    signal,
    log.join(deployment, topics.input, (share) => giveAway(promoting, deployment, places, share)),
  )
}

async function giveAway(
  { log, settings, primaries, clock, follower }: Promoting,
  deployment: string,
  places: HandOverTopics,
  share: Share,
): Promise<void> {
  const { primary: topic, input } = settings.topics
  // It reads nothing of the input, and so asks for no positions of others.
  const health = { failed: () => false, recovered: () => undefined }
  const frontier = new Frontier({ input, log, clock, health })
  const telemetry = { gauge: () => undefined }
  const place = { name: deployment, topic, input, beginsAt: 'earliest' } as const
  const options = { ...place, log, clock, telemetry, primaries, frontier }
  const roles = new Roles(options, share)
  const partitions = (await log.describe(input))?.partitions ?? 0
  const isDone = () =>
    Array.from({ length: partitions }, (_, partition) => partition).every(
      (partition) => primaries.of(partition).deployment !== deployment,
    )
  while (!share.ended.aborted && !isDone()) {
    const next = new Map<number, number>()
    const due = roles.due(next, clock.date())
    if (due.length === 0) {
      await roles.nextDue()
      continue
    }
    const transaction = share.begin()
    appendHandOvers(transaction, places, due, follower.current()?.scorer.version ?? 0)
    roles.filled(next, due)
    await transaction.commit(next)
  }
}
