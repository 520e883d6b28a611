/** Long computations that let others take their turn. */
import type { Steps } from '../core/kmeans/steps.ts'
import type { Clock } from './ports.ts'

/** Runs all steps; between two of them heartbeats, fetches and answers get through. */
export async function inTurns<T>(steps: Steps<T>, clock: Pick<Clock, 'yield'>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await clock.yield()
  }
}
