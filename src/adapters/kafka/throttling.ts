/** Holding back when a broker asks for it (KIP-219): on the connection on which it asks, and on no other. */
import type { RequestQueue } from './kafkajs-internals.ts'

export interface Throttling {
  /** Milliseconds that nobody sets: kafkajs goes by the machine's date, and would hold back for a week that was taken away. */
  readonly now: () => number
  /** Told of each time that a broker asks for. */
  readonly onThrottled: (ms: number) => void
}

/** The broker reads nothing more from the connection until then, so that what is sent earlier would only be held back there. */
export function honourThrottling(queue: RequestQueue, { now, onThrottled }: Throttling): void {
  let restsUntilMs = Number.NEGATIVE_INFINITY
  queue.restMs = () => Math.max(0, restsUntilMs - now())
  // Answers of old versions have no such field.
  queue.maybeThrottle = (ms) => {
    if (ms === undefined || ms === null || ms <= 0) return
    restsUntilMs = Math.max(restsUntilMs, now() + ms)
    onThrottled(ms)
  }
  queue.canSendSocketRequestImmediately = () => queue.restMs() === 0
  // kafkajs sets a timer of a millisecond again and again even when nothing waits.
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length === 0 || queue.throttleCheckTimeoutId !== null) return
    queue.throttleCheckTimeoutId = setTimeout(() => {
      queue.throttleCheckTimeoutId = null
      queue.checkPendingRequests()
    }, queue.restMs())
  }
}
