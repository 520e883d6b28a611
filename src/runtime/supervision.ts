/** A task that is started again after an error, later each time. */
import { Backoff } from './backoff.ts'
import { codeOf, ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import type { Clock, Telemetry } from './ports.ts'

export interface Supervision {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
}

/** A task that has run this long has got over what ended it before. */
const soundMs = 30_000

/**
 * Runs `attempt` until the signal fires. Errors are logged, counted and waited out: a process that ends itself would
 * only be started again by something that knows less.
 */
export async function supervise(
  task: string,
  attempt: (signal: AbortSignal) => Promise<void>,
  { clock, telemetry, health }: Supervision,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(clock)
  while (!signal.aborted) {
    const startedMs = clock.now()
    try {
      await attempt(signal)
      if (!signal.aborted) backoff.reset()
    } catch (error) {
      if (signal.aborted) return
      if (clock.now() - startedMs > soundMs) backoff.reset()
      report(task, error, telemetry, health)
      await backoff.wait(signal)
    }
  }
}

function report(task: string, error: unknown, telemetry: Telemetry, health: Health): void {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  telemetry.count('shoal_restarts_total', 1, { task, code })
  if (error instanceof ShoalError && error.retriable) telemetry.log.warn(`${task} starts again: ${message}`, { code })
  else telemetry.log.error(`${task} starts again: ${message}`, { code, ...(code === 'unexpected' ? { error } : {}) })
  if (code.startsWith('log.') && code !== 'log.fenced') health.failed('kafka', message)
  if (code.startsWith('snapshot.') || code.startsWith('update.')) health.failed('model', message)
}
