/** The sample of a birth from events on their way into the embedded log. */
import { leastBirthEvents } from '../../core/kmeans/k-choice.ts'
import { type BirthSample, birthSample } from '../../runtime/birth-sample.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { Health } from '../../runtime/health.ts'
import type { Clock } from '../../runtime/ports.ts'
import type { ServiceSettings } from '../../runtime/service.ts'
import type { Feed } from './feed.ts'
import type { BacktestWorld } from './replay.ts'

export interface FedSampleOptions {
  readonly settings: ServiceSettings
  readonly world: BacktestWorld
  readonly feed: Feed
  readonly partitions: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * The sample of production, which waits for events: here a wait is what publishes them, and no time passes otherwise. At
 * the end of the input it is what there is. Throws when that is too little for a birth.
 */
export async function fedSample(options: FedSampleOptions): Promise<BirthSample> {
  const { settings, world, feed, partitions, clock, signal } = options
  const { plan, profiles, birthEvents, k } = settings
  const least = leastBirthEvents(k)
  const tooFew = new AbortController()
  let found = 0
  let waitedMs = 0
  const virtual: Clock = {
    ...{ now: () => waitedMs, date: () => 0, yield: () => clock.yield() },
    sleep: async () => {
      if (await feed.publish()) return
      if (waitedMs > 0) tooFew.abort()
      waitedMs = Number.MAX_SAFE_INTEGER
    },
  }
  const sample = await birthSample(
    {
      ...{ topic: settings.topics.input, partitions, plan, profiles, projection: world.projection, log: world.log },
      registry: world.registry,
      clock: virtual,
      health: new Health(world.telemetry),
      enoughEvents: birthEvents,
      leastEvents: least,
      maxWaitMs: 1,
      onProgress: (events) => {
        found = events
      },
    },
    AbortSignal.any([signal, tooFew.signal]),
  )
  if (sample !== null) return sample
  if (signal.aborted) throw new ShoalError('stopped.interrupted', 'interrupted: there is no sample yet')
  const why = found < feed.events ? ` of ${feed.events}; shoal config check says which fields the features read` : ''
  throw new ShoalError('usage.invalid', `the input must have at least ${least} valid events: got ${found}${why}`)
}
