/** What the API shows and does: the running service, as the composition root puts it together. */

import { isWarmingUp } from '../core/score/warm-up.ts'
import type { Giving } from '../runtime/commanding/giving.ts'
import type { Explanation } from '../runtime/configuration/explain.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { PublishedModel } from '../runtime/model-follower.ts'
import type { Clock, EventLog } from '../runtime/ports.ts'
import type { Promoting } from '../runtime/primary/promoting.ts'
import type { Service, ServiceSettings } from '../runtime/service.ts'
import type { ToldEvent } from '../runtime/views/drift/told-event.ts'
import type { Judge } from '../stages/judge.ts'
import type { AnomalyValue } from '../stages/score.ts'

export interface Api {
  readonly release: string
  readonly service: Pick<Service, 'health' | 'follower' | 'versions' | 'insight' | 'primaries'>
  readonly settings: ServiceSettings
  readonly configuration: Explanation
  readonly log: EventLog
  readonly clock: Clock
  readonly giving: Giving
  readonly promoting: Promoting
  readonly judge: Judge
  /** Values of the topic of anomalies, decoded in their order; null for one that cannot be read. */
  readonly readAnomalies: (values: readonly Uint8Array[]) => Promise<readonly (AnomalyValue | null)[]>
  /** The same of drift events. */
  readonly readDriftEvents: (values: readonly Uint8Array[]) => Promise<readonly (ToldEvent | null)[]>
}

/** Null: the process is still being put together. */
export type ApiOf = () => Api | null

export function apiOf(api: Api | null): Api {
  if (api === null) throw new ShoalError('model.unborn', 'this process has only just been started')
  return api
}

/** The version that serves. */
export function servedModel(api: Api): PublishedModel {
  const published = api.service.follower.current()
  if (published === null) throw new ShoalError('model.unborn', 'there must be a model: none is born yet')
  return published
}

/** What scoring by the version that serves needs. */
export function judgingBy(api: Api) {
  const { scorer } = servedModel(api)
  return {
    judge: api.judge,
    scorer,
    warmUp: isWarmingUp(scorer.model),
    held: () => ({ profiles: [...api.service.insight.profiles().values()], nowMs: api.clock.date() }),
  }
}
