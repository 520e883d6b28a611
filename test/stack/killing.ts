/** Kills a process in the midst of a transaction. */
import { until } from '../pipeline/harness.ts'
import type { EndsWatcher, PartitionEnd } from './independent-reader.ts'
import type { Pipeline } from './pipeline.ts'
import type { Progress } from './progress.ts'
import type { ShoalProcess } from './shoal-process.ts'

export interface Killing {
  /** Events with a committed outcome when the process died. */
  readonly done: number
  readonly partitions: readonly number[]
  /** The assignments that the dead process had written but not committed: those between the two ends. */
  readonly undecided: readonly PartitionEnd[]
}

const looks = 10
const deadlineMs = 100_000

/**
 * Waits until `least` events are done, then stops the process where it stands, again and again, until it stands in an
 * open transaction, and kills it there. The other one is stopped with it: on a slow machine it would be done with all
 * the work before the right moment is found.
 */
export async function killInTransaction(
  { name, input, configuration }: Pipeline,
  victim: ShoalProcess,
  other: ShoalProcess,
  progress: Progress,
  ends: EndsWatcher,
  least: number,
  most: number,
): Promise<Killing> {
  let done = 0
  await until(
    async () => {
      done = await progress.done()
      return done >= least
    },
    () => `${done} events were done, not ${least}. ${victim.name} has said:\n${victim.said()}`,
    deadlineMs,
  )
  for (;;) {
    for (const process of [victim, other]) process.signal('SIGSTOP')
    const partitions = (await progress.owners(name, input)).get(victim.name) ?? []
    const undecided = await openIn(ends, configuration.topics.assignments, partitions)
    done = await progress.done()
    if (undecided.length > 0 || done > most) {
      victim.signal('SIGKILL')
      other.signal('SIGCONT')
      await victim.ended
      return { done, partitions, undecided }
    }
    for (const process of [victim, other]) process.signal('SIGCONT')
  }
}

/** Partitions with an undecided end, look after look: what was just being decided when the process stopped is decided by then. */
async function openIn(
  ends: EndsWatcher,
  topic: string,
  partitions: readonly number[],
): Promise<readonly PartitionEnd[]> {
  let undecided: readonly PartitionEnd[] = []
  for (let look = 0; look < looks; look++) {
    const now = await ends.ask(topic)
    undecided = now.filter((end) => partitions.includes(end.partition) && end.lastStable < end.highWatermark)
    if (undecided.length === 0) return undecided
  }
  return undecided
}
