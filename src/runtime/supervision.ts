/** A task that is started again after an error, later each time. */
import { Backoff } from './backoff.ts'
import { codeOf, isFenced, ShoalError } from './errors.ts'
import type { Dependency, Health, Task } from './health.ts'
import type { Clock, Telemetry } from './ports.ts'

export interface Supervision {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
  /** Where the log is, for what it refuses without saying so itself. */
  readonly place?: string | undefined
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
  supervision: Supervision,
  signal: AbortSignal,
): Promise<void> {
  const { clock, telemetry } = supervision
  const backoff = new Backoff(clock)
  let said = ''
  while (!signal.aborted) {
    const startedMs = clock.now()
    try {
      await attempt(signal)
    } catch (error) {
      if (signal.aborted) telemetry.log.warn(`${task} ended while stopping: ${messageOf(error)}`, detailsOf(error))
      else said = report(task, error, supervision, said)
    }
    if (clock.now() - startedMs > soundMs) {
      backoff.reset()
      said = ''
    }
    // Also after an attempt that ended by itself: a task that has nothing to do must not keep the event loop to itself.
    await backoff.wait(signal)
  }
}

/**
 * Counts it, and has the health say it. What fails in the same words as before has been said: attempt after attempt would
 * bury the line that people are to read. Returns the words.
 */
function report(task: Task, error: unknown, { telemetry, health, place }: Supervision, said: string): string {
  const code = codeOf(error)
  const isRefused = code === 'log.refused' && place !== undefined
  const message = isRefused ? `${place}: ${messageOf(error)}` : messageOf(error)
  telemetry.count('shoal_restarts_total', 1, { task, code })
  const isLasting = !(error instanceof ShoalError && error.retriable)
  const details = { isLasting, ...detailsOf(error) }
  const isTold = !isFenced(error) && health.failed(partOf(code, task), message, task, details)
  if (!isTold && message !== said) {
    const line = `${task} starts again: ${message}`
    if (isLasting) telemetry.log.error(line, detailsOf(error))
    else telemetry.log.warn(line, detailsOf(error))
  }
  return message
}

/** What Kafka's being there does not mend is a problem of the task itself, until it has done its work once. */
function partOf(code: string, task: Task): Dependency {
  if (code === 'log.unavailable' || code === 'log.denied') return 'kafka'
  return code.startsWith('snapshot.') || code.startsWith('update.') ? 'model' : task
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  const code = codeOf(error)
  return { code, ...(code === 'unexpected' ? { error } : {}) }
}
