/** Long computations that let others take their turn. */
import type { Computation, Steps } from '../core/kmeans/steps.ts'
import type { Clock, Computer } from './ports.ts'

/** Steps of so many multiplications, some milliseconds, hold nobody up: they are not worth another thread's 40 MB. */
const leastWorkElsewhere = 4_000_000

/**
 * Runs all steps; between two of them heartbeats, fetches and answers get through. The computer does those that would take
 * long; what it fails to do is done here, and so is everything without one.
 */
export async function inTurns<T>(
  steps: Steps<T>,
  clock: Pick<Clock, 'yield'>,
  computer?: Pick<Computer, 'compute'>,
): Promise<T> {
  for (let given: unknown; ; ) {
    const step = steps.next(given)
    if (step.done === true) return step.value
    if (step.value === undefined) given = await clock.yield()
    else given = await done(step.value, clock, computer)
  }
}

async function done(
  computation: Computation,
  clock: Pick<Clock, 'yield'>,
  computer: Pick<Computer, 'compute'> | undefined,
): Promise<unknown> {
  if (computer !== undefined && computation.stepWork >= leastWorkElsewhere) {
    try {
      return await computer.compute(computation.name, computation.input)
    } catch {
      // It has said why.
    }
  }
  return inTurns(computation.steps(), clock)
}
