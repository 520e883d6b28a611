/** A person's promotion of a deployment: judged, written, and waited for until every partition has been handed over. */
import { isWarmingUp } from '../../core/score/warm-up.ts'
import type { Audit } from '../audit/audit.ts'
import type { Giver } from '../commanding/giving.ts'
import { ShoalError } from '../errors.ts'
import type { ModelFollower } from '../model-follower.ts'
import { registerPrimary } from '../registering.ts'
import type { ServiceParts, ServiceSettings } from '../service.ts'
import type { Primaries } from './primaries.ts'
import { appendPromotion } from './primary-record.ts'
import { standIn } from './stand-in.ts'
import { behindInAll, type Standing, standings } from './standing.ts'

/** What promoting needs: a running service has all of it, and a tool makes it for itself. */
export interface Promoting extends Pick<ServiceParts, 'log' | 'registry' | 'schema' | 'clock' | 'telemetry'> {
  readonly settings: Pick<ServiceSettings, 'name' | 'topics'>
  /** Both must be running. */
  readonly follower: Pick<ModelFollower, 'upToDate' | 'current'>
  readonly primaries: Primaries
  readonly audit: Pick<Audit, 'command'>
}

export interface PromotionOrder {
  /** Offsets of all partitions that the deployment may be behind. */
  readonly mostBehind: number
  /** Whether or not it is ready; and partitions of a deployment that has no process are taken from it. */
  readonly isForced: boolean
}

const lookEveryMs = 200

/** How it stands, and why it is not ready to be promoted, in sentences. Null: the signal fired. */
export async function readiness(
  promoting: Promoting,
  { mostBehind }: Pick<PromotionOrder, 'mostBehind'>,
  signal: AbortSignal,
): Promise<{ readonly found: readonly Standing[]; readonly refusals: readonly string[] } | null> {
  const { follower, log, settings } = promoting
  const { name, topics } = settings
  const model = (await follower.upToDate(signal))?.scorer.model
  const found = await standingsOf(promoting, signal)
  if (signal.aborted) return null
  const behind = behindInAll(found)
  const refusals = [
    (await log.members(name, topics.input)) === 0 && `${name} must be running: its group has no members`,
    model === undefined && `${name} must have a model: none is born yet`,
    model !== undefined &&
      isWarmingUp(model) &&
      `its model must have warmed up: it knows ${model.trainedEvents} events`,
    behind > mostBehind && `it must be at most ${mostBehind} offsets behind: it is ${behind}`,
  ].filter((refusal) => refusal !== false)
  return { found, refusals }
}

/**
 * Promotes the deployment, unless it is what all is handed over to already, and waits. Gives how it stands then; null: the
 * signal fired before anything was written. What was written will be done by the processes of the primary, whoever waits.
 */
export async function promote(
  promoting: Promoting,
  { reason, by, waitMs }: Giver,
  order: PromotionOrder,
  signal: AbortSignal,
  onProgress: (found: readonly Standing[]) => void = () => {},
): Promise<readonly Standing[] | null> {
  const { settings, primaries, log, clock, audit, follower } = promoting
  const deployment = settings.name
  const ready = await readiness(promoting, order, signal)
  if (ready === null) return null
  const { found, refusals } = ready
  const isDone = primaries.promotion?.deployment === deployment || primaries.promotion === null
  if (isDone && areAllOf(deployment, found)) return found
  if (refusals.length > 0 && !order.isForced) throw new ShoalError('promotion.refused', refusals.join('; '))
  const schemaId = await registerPrimary(settings, promoting)
  if (signal.aborted) return null
  const version = follower.current()?.scorer.version ?? 0
  const facts = {
    deployment,
    behind: behindInAll(found),
    from: namesOf(found).join(' '),
    forced: String(order.isForced),
  }
  await audit.command({ kind: 'promote', by, reason, version, facts })
  const promotion = { deployment, by, reason, atMs: Math.floor(clock.date()) }
  await log.publish((outputs) => appendPromotion(outputs, { topic: settings.topics.primary, schemaId }, promotion))
  return untilHandedOver(promoting, { ...order, waitMs }, signal, onProgress)
}

async function untilHandedOver(
  promoting: Promoting,
  { isForced, waitMs }: Pick<PromotionOrder, 'isForced'> & Pick<Giver, 'waitMs'>,
  signal: AbortSignal,
  onProgress: (found: readonly Standing[]) => void,
): Promise<readonly Standing[] | null> {
  const { clock, settings, log } = promoting
  const late = new AbortController()
  const waiting = AbortSignal.any([signal, late.signal])
  const timer = clock.sleep(waitMs, waiting).then(() => late.abort())
  try {
    for (;;) {
      const found = await standingsOf(promoting, signal)
      onProgress(found)
      if (areAllOf(settings.name, found) || waiting.aborted) return found
      for (const other of isForced ? namesOf(found) : []) {
        if (other === settings.name || (await log.members(other, settings.topics.input)) > 0) continue
        await standIn(promoting, other, waiting)
      }
      await clock.sleep(lookEveryMs, waiting)
    }
  } finally {
    late.abort()
    await timer
  }
}

async function standingsOf({ settings, primaries, log }: Promoting, signal: AbortSignal): Promise<readonly Standing[]> {
  await primaries.upToDate(signal)
  return standings({ log, name: settings.name, input: settings.topics.input, primaries })
}

function areAllOf(deployment: string, found: readonly Standing[]): boolean {
  return found.every(({ primary }) => primary === deployment)
}

function namesOf(found: readonly Standing[]): readonly string[] {
  return [...new Set(found.map(({ primary }) => primary))]
}
