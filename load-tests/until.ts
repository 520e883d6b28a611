/** Waits for what must come. */
import { systemClock } from '../src/runtime/clock.ts'

const pauseMs = 5

/** Throws with `what` when it has not come by then. */
export async function until(condition: () => Promise<boolean>, what: string, deadlineMs: number): Promise<void> {
  const lateMs = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > lateMs) throw new Error(`this has not come within ${deadlineMs} ms: ${what}`)
    await systemClock.sleep(pauseMs)
  }
}
