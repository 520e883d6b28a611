/** Long computations that let others take their turn. */
import type { Steps } from '../core/kmeans/steps.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { Clock } from './ports.ts'

/** Runs all steps; between two of them heartbeats, fetches and answers get through. `elsewhere`: what may do some of them. */
export async function inTurns<T>(steps: Steps<T>, clock: Pick<Clock, 'yield'>, elsewhere?: Elsewhere): Promise<T> {
  for (let given: unknown; ; ) {
    const step = steps.next(given)
    if (step.done === true) return step.value
    const computation = step.value
    if (computation === undefined) given = await clock.yield()
    else {
      const here = () => inTurns(computation.steps(), clock)
      given = await (elsewhere === undefined ? here() : elsewhere.result(computation, here))
    }
  }
}
