/** The schemas of what Shoal writes, in the registry before the first record. */
import { answering } from './answering.ts'
import { Backoff } from './backoff.ts'
import { ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { ServiceParts, ServiceSettings } from './service.ts'

export interface SchemaIds {
  readonly assignment: number
  readonly anomaly: number
  readonly modelUpdate: number
  readonly model: number
  readonly modelCommand: number
  readonly driftEvent: number
  readonly audit: number
  readonly primary: number
  /** Null: no profiles are kept. */
  readonly profile: number | null
}

/** Registers what Shoal writes; null when the signal fired first. */
export async function registerSchemas(
  settings: ServiceSettings,
  parts: ServiceParts,
  health: Health,
  signal: AbortSignal,
): Promise<SchemaIds | null> {
  const { clock } = parts
  const backoff = new Backoff(clock)
  while (!signal.aborted) {
    try {
      const registering = unlessAborted(signal, registerAll(settings, parts))
      return await answering('registry', registering, { clock, health }, 'registry')
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error
      health.failed('registry', error.message)
      await backoff.wait(signal)
    }
  }
  return null
}

/** Registers them once. */
export async function registerAll(
  { topics }: Pick<ServiceSettings, 'topics'>,
  { registry, schema }: Pick<ServiceParts, 'registry' | 'schema'>,
): Promise<SchemaIds> {
  const assignment = await registry.register(`${topics.assignments}-value`, schema('assignment'))
  const anomaly = await registry.register(`${topics.anomalies}-value`, schema('anomaly'))
  const modelUpdate = await registry.register(`${topics.modelUpdates}-value`, schema('model-update'))
  const modelCommand = await registerCommand({ topics }, { registry, schema })
  const model = await registry.register(`${topics.models}-value`, schema('model'))
  const profile =
    topics.profiles === null ? null : await registry.register(`${topics.profiles}-value`, schema('profile'))
  const driftEvent = await registry.register(`${topics.driftEvents}-value`, schema('drift-event'))
  const audit = await registerAudit({ topics }, { registry, schema })
  const primary = await registerPrimary({ topics }, { registry, schema })
  return { assignment, anomaly, modelUpdate, modelCommand, model, driftEvent, profile, audit, primary }
}

export function registerAudit(
  { topics }: Pick<ServiceSettings, 'topics'>,
  { registry, schema }: Pick<ServiceParts, 'registry' | 'schema'>,
): Promise<number> {
  return registry.register(`${topics.audit}-value`, schema('audit'))
}

/** Under the names of a shadow's topics, too: by the same ids. */
export async function registerShadow(
  { topics: { shadow } }: Pick<ServiceSettings, 'topics'>,
  { registry, schema }: Pick<ServiceParts, 'registry' | 'schema'>,
): Promise<void> {
  if (shadow === null) return
  await registry.register(`${shadow.assignments}-value`, schema('assignment'))
  await registry.register(`${shadow.anomalies}-value`, schema('anomaly'))
}

export function registerPrimary(
  { topics }: Pick<ServiceSettings, 'topics'>,
  { registry, schema }: Pick<ServiceParts, 'registry' | 'schema'>,
): Promise<number> {
  return registry.register(`${topics.primary}-value`, schema('primary'))
}

/** The topic of updates has two kinds of records, so the subject of the second is named after both (TopicRecordNameStrategy). */
export function registerCommand(
  { topics }: Pick<ServiceSettings, 'topics'>,
  { registry, schema }: Pick<ServiceParts, 'registry' | 'schema'>,
): Promise<number> {
  return registry.register(`${topics.modelUpdates}-shoal.ModelCommand`, schema('model-command'))
}
