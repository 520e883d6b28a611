/** Where the anomalies are that this deployment has found: in the shadow of another one, beside those that consumers read. */
import type { ServiceSettings } from '../runtime/service.ts'
import { type Stated, statusOf } from './status.ts'

export function ownAnomalies(of: Stated & { readonly settings: Pick<ServiceSettings, 'topics'> }): string {
  const { anomalies, shadow } = of.settings.topics
  const isShadow = statusOf(of).role?.primaryOf === 0
  return isShadow && shadow !== null ? shadow.anomalies : anomalies
}
