import { ShoalError } from './errors.ts'

/** What the work gives, or null when the signal fires first: nobody waits for it any more then, and its failure is nobody's. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      signal.removeEventListener('abort', stop)
      resolve(null)
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    const over = () => signal.removeEventListener('abort', stop)
    work.finally(over).then(resolve, reject)
  })
}

/** What the work gives, or null when it failed for a passing reason after the signal had fired: its success is nobody's concern. */
export async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (signal.aborted && error instanceof ShoalError && error.retriable) return null
    throw error
  }
}
