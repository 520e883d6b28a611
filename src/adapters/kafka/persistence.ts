/** Asking again, for as long as the protocol allows it. */
import { isFenced, ShoalError } from '../../runtime/errors.ts'
import type { Clock } from '../../runtime/ports.ts'
import { brokerError, refusal } from './broker-errors.ts'
import { translated } from './kafka-errors.ts'

export interface Persistence {
  readonly clock: Clock
  /** In ms since the epoch; no attempt is begun after it. */
  readonly deadlineMs: number
  /** Looks the coordinator or the leader up again. What it throws is taken as one more failed attempt. */
  readonly lookUp?: () => Promise<void>
  readonly signal?: AbortSignal
}

export interface Outcome {
  /** 0 for success, else Kafka's number. */
  readonly error: number
  /** What the broker, or we, have to say about it. */
  readonly detail?: string
}

const firstPauseMs = 1
const longestPauseMs = 250

/**
 * Repeats `attempt` until its answer has no error. Answers that the table calls final are thrown at once as their
 * error; the rest, and lost connections, are repeated with growing pauses until the deadline, then `log.unavailable`.
 */
export async function persist<T extends Outcome>(
  what: string,
  attempt: () => Promise<T>,
  how: Persistence,
): Promise<T> {
  const { clock, deadlineMs, lookUp, signal } = how
  let pauseMs = firstPauseMs
  for (;;) {
    const failure = await once(what, attempt)
    if (!(failure instanceof ShoalError)) {
      if (failure.error === 0) return failure
      const { again } = brokerError(failure.error)
      if (again === 'never') throw refusal(failure.error, what, failure.detail)
    } else if (!failure.retriable || isFenced(failure)) {
      throw failure
    }
    const last = failure instanceof ShoalError ? failure : refusal(failure.error, what, failure.detail)
    if (signal?.aborted) throw last
    if (clock.now() + pauseMs >= deadlineMs) {
      throw new ShoalError('log.unavailable', `${last.message}; given up at the deadline`, { cause: last })
    }
    await clock.sleep(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    const elsewhere = failure instanceof ShoalError || brokerError(failure.error).again !== 'pause'
    if (elsewhere && lookUp !== undefined) await lookUp().catch(() => undefined)
  }
}

async function once<T>(what: string, attempt: () => Promise<T>): Promise<T | ShoalError> {
  try {
    return await attempt()
  } catch (error) {
    return translated(error, what)
  }
}
