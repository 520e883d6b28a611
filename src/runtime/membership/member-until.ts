import type { Membership } from '../ports.ts'

/** Stays a member until the signal fires, then leaves. */
export async function memberUntil(signal: AbortSignal, membership: Membership): Promise<void> {
  const leave = () => void membership.leave()
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    await membership.done
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
