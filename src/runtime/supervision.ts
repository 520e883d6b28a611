/** A task that is started again after an error, later each time. */
import { Backoff } from './backoff.ts'
import { codeOf, isFenced, ShoalError } from './errors.ts'
import type { Health, Task } from './health.ts'
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
 * only be started again by something that knows less. Never rejects.
 */
export async function supervise(
  task: Task,
  attempt: (signal: AbortSignal) => Promise<void>,
  { clock, telemetry, health }: Supervision,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(clock)
  while (!signal.aborted) {
    const startedMs = clock.now()
    try {
      await attempt(signal)
    } catch (error) {
      if (signal.aborted) telemetry.log.warn(`${task} ended while stopping: ${messageOf(error)}`, detailsOf(error))
      else report(task, error, telemetry, health)
    }
    if (clock.now() - startedMs > soundMs) backoff.reset()
    // Also after an attempt that ended by itself: a task that has nothing to do must not keep the event loop to itself.
    await backoff.wait(signal)
  }
}

function report(task: Task, error: unknown, telemetry: Telemetry, health: Health): void {
  const code = codeOf(error)
  const message = messageOf(error)
  telemetry.count('shoal_restarts_total', 1, { task, code })
  const isRetriable = error instanceof ShoalError && error.retriable
  if (isRetriable) telemetry.log.warn(`${task} starts again: ${message}`, detailsOf(error))
  else telemetry.log.error(`${task} starts again: ${message}`, detailsOf(error))
  if (isFenced(error)) return
  if (isRetriable && code.startsWith('log.')) health.failed('kafka', message, task)
  else if (code.startsWith('snapshot.') || code.startsWith('update.')) health.failed('model', message, task)
  // What Kafka's being there does not mend: the task itself is broken until it has done its work once.
  else health.failed(task, message)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  const code = codeOf(error)
  return { code, ...(code === 'unexpected' ? { error } : {}) }
}
