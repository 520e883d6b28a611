/** Where the anomalies are that this deployment has found: in the shadow of another one, beside those that consumers read. */
import type { ServiceSettings } from '../runtime/service.ts'
import { roleOf, type Stated } from './status.ts'

export function ownAnomalies(
  of: Pick<Stated, 'service'> & { readonly settings: Pick<ServiceSettings, 'name' | 'shadow' | 'topics'> },
): string {
  const { anomalies, shadow } = of.settings.topics
  const isShadow = roleOf(of)?.primaryOf === 0
  return isShadow && shadow !== null ? shadow.anomalies : anomalies
}
