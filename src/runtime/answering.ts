/** What does not answer, said in the health: its adapter is patient, and an error comes only at the end of that. */
import type { Dependency, Health } from './health.ts'
import type { Clock } from './ports.ts'

export interface Answering {
  readonly clock: Clock
  readonly health: Health
}

const answerMs = 5_000

/**
 * What the work gives. While it takes longer than 5 s, what it waits for (Kafka, if nothing is said) is a problem of
 * this task or part; what it ends with decides then.
 */
export async function answering<T>(
  by: string,
  work: Promise<T>,
  { clock, health }: Answering,
  dependency: Dependency = 'kafka',
): Promise<T> {
  const over = new AbortController()
  void clock.sleep(answerMs, over.signal).then(() => {
    if (!over.signal.aborted) health.waits(dependency, `no answer for ${answerMs} ms`, by)
  })
  try {
    const result = await work
    health.recovered(dependency, by)
    return result
  } finally {
    over.abort()
  }
}
