/** The audit of a process, put together from what the process has. */
import { registerAudit } from '../registering.ts'
import type { ServiceParts, ServiceSettings } from '../service.ts'
import { Audit } from './audit.ts'

/** `via`: how people come to this process. */
export function auditOf(
  { topics }: Pick<ServiceSettings, 'topics'>,
  { log, clock, telemetry, ...schemas }: Pick<ServiceParts, 'log' | 'clock' | 'telemetry' | 'registry' | 'schema'>,
  via: string,
): Audit {
  const schemaId = () => registerAudit({ topics }, schemas)
  return new Audit({ log, topic: topics.audit, schemaId, clock, telemetry, via })
}
