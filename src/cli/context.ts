/** What a command may use of the world. The composition root makes it; a test makes its own. */
import type { Projection } from '../core/fields/fields.ts'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { Clock, EventLog, SchemaRegistry, SnapshotStore, Telemetry } from '../runtime/ports.ts'
import type { ServiceSettings } from '../runtime/service.ts'

export interface CliContext {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  /** Whether a person watches stderr: progress bars are for them alone. */
  readonly isTerminal: boolean
  /** Fires when the command is interrupted. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** What a tool has of a process's: errors are logged, and nothing is measured. */
  readonly telemetry: Telemetry
  /**
   * Unset: the file that is found by its name, or the defaults and the environment alone; null: these in any case.
   * `overrides` are variables that win over the environment's.
   */
  loadConfiguration(
    path: string | null | undefined,
    overrides?: Readonly<Record<string, string>>,
  ): Promise<Configuration>
  settingsOf(configuration: Configuration): ServiceSettings
  /** Reads the fields of `settings.plan` out of the input's events. */
  projectionOf(configuration: Configuration, settings: ServiceSettings): Projection
  openLog(configuration: Configuration): Promise<EventLog>
  openRegistry(configuration: Configuration): Promise<SchemaRegistry>
  /** Null: none is configured. */
  openSnapshots(configuration: Configuration): SnapshotStore | null
  /** Text of schemas/<name>.avsc. */
  schema(name: string): string
  /** Decodes values in the registry's wire format into those of schemas/<name>.avsc, whichever version wrote them. */
  reader(name: string, registry: SchemaRegistry): (values: readonly Uint8Array[]) => Promise<readonly unknown[]>
}

/** Opens, works, and closes whatever happened. */
export async function withOpen<T extends { close(): Promise<void> }, R>(
  open: Promise<T>,
  work: (opened: T) => Promise<R>,
): Promise<R> {
  const opened = await open
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** Throws when the command has been interrupted. */
export function refuseWhenInterrupted(context: Pick<CliContext, 'signal'>, what: string): void {
  if (context.signal.aborted) throw new ShoalError('stopped.interrupted', `interrupted: ${what}`)
}
