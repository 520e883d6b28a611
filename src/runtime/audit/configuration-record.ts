/** What a process was configured with, told when it differs from what was told last. */
import { createHash } from 'node:crypto'
import { Backoff } from '../backoff.ts'
import type { Origin } from '../configuration/configuration.ts'
import { codeOf } from '../errors.ts'
import type { ServiceParts, ServiceSettings } from '../service.ts'
import type { Audit } from './audit.ts'
import { newestAudit } from './audit-reading.ts'
import { type AuditEntry, entryOf, type Fact } from './audit-record.ts'

/** What no two processes of a machine have in common: a difference in these alone is told to nobody. */
const ofOneProcess = ['http.port', 'http.grpcPort', 'kafka.clientId']
/** Of a longer value so much is told, and a hash of all of it. */
const mostShown = 900

export interface ToldConfiguration {
  /** Every key that somebody set, with its value as it may be printed. */
  readonly origins: ReadonlyMap<string, Origin>
  readonly release: string
  readonly fingerprint: string
}

/**
 * Tells the audit of a configuration that is not the one that was told last, as soon as it can: a process waits for nothing
 * here. Processes that start together may each tell it.
 */
export async function tellConfiguration(
  audit: Pick<Audit, 'write'>,
  { topics: { audit: topic } }: Pick<ServiceSettings, 'topics'>,
  { configuration, log, clock, telemetry }: Pick<ServiceParts, 'configuration' | 'log' | 'clock' | 'telemetry'>,
  signal: AbortSignal,
): Promise<void> {
  if (configuration === undefined) return
  const backoff = new Backoff(clock)
  const asked = { limit: 1, sinceMs: Number.NEGATIVE_INFINITY, kinds: ['configuration'] } as const
  while (!signal.aborted) {
    try {
      const [last] = await newestAudit(log, topic, asked, signal)
      const entry = configurationEntry(configuration, last?.facts ?? [])
      if (entry !== null && !signal.aborted) await audit.write(entry)
      return
    } catch (error) {
      telemetry.log.warn('the configuration could not be told to the audit yet', { code: codeOf(error) })
    }
    await backoff.wait(signal)
  }
}

/** Null: it is what these facts say. */
export function configurationEntry(
  { origins, release, fingerprint }: ToldConfiguration,
  last: readonly Fact[],
): AuditEntry | null {
  const set = [...origins].map(([name, { shown }]) => ({ name, value: shortened(shown) }))
  const facts = [{ name: 'release', value: release }, { name: 'fingerprint', value: fingerprint }, ...set]
  const before = new Map(last.map(({ name, value }) => [name, value]))
  const now = new Map(facts.map(({ name, value }) => [name, value]))
  const names = [...new Set([...now.keys(), ...before.keys()])]
  const differs = names.filter((name) => before.get(name) !== now.get(name) && !ofOneProcess.includes(name))
  if (differs.length === 0) return null
  return entryOf({ kind: 'configuration', what: 'start', by: 'shoal', outcome: 'recorded', facts, differs })
}

function shortened(value: string): string {
  if (value.length <= mostShown) return value
  return `${value.slice(0, mostShown)}… (SHA-256 ${createHash('sha256').update(value).digest('hex')})`
}
