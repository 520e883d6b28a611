/** Kafka that does not answer, said in the health: its adapter is patient, and an error comes only at the end of that. */
import type { Health, Task } from './health.ts'
import type { Clock } from './ports.ts'

export interface Answering {
  readonly clock: Clock
  readonly health: Health
}

const answerMs = 5_000

/** What the work gives. While it takes longer than 5 s, Kafka is a problem of this task; what it ends with decides then. */
export async function answering<T>(task: Task, work: Promise<T>, { clock, health }: Answering): Promise<T> {
  const over = new AbortController()
  void clock.sleep(answerMs, over.signal).then(() => {
    if (!over.signal.aborted) health.failed('kafka', `no answer for ${answerMs} ms`, task)
  })
  try {
    const result = await work
    health.recovered('kafka', task)
    return result
  } finally {
    over.abort()
  }
}
