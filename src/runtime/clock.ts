import type { Clock } from './ports.ts'

/** Real time. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  date: () => Date.now(),

  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      signal?.addEventListener('abort', finish, { once: true })
    })
  },

  /** setImmediate runs after pending input and output; a resolved promise or nextTick would run before it. */
  yield: () => new Promise((resolve) => setImmediate(resolve)),
}
