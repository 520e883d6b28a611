/** Those who wait for a part of the log to change. Nothing here looks at a clock: a change wakes, or a signal. */
export class Wakeup {
  readonly #waiting = new Set<() => void>()

  add(waiter: () => void): void {
    this.#waiting.add(waiter)
  }

  delete(waiter: () => void): void {
    this.#waiting.delete(waiter)
  }

  wake(): void {
    for (const waiter of [...this.#waiting]) waiter()
  }
}

/** Resolves at the next change of any of `wakeups`, or when the signal fires. Check, then call this in the same turn. */
export function whenAny(wakeups: readonly Wakeup[], signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      for (const wakeup of wakeups) wakeup.delete(finish)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    for (const wakeup of wakeups) wakeup.add(finish)
    signal.addEventListener('abort', finish, { once: true })
  })
}
