/** A member's heartbeats: from a timer, so that neither a slow batch nor a quiet topic is taken for death. */
import type { Clock } from '../../runtime/ports.ts'
import type { GroupMember } from './group.ts'
import { brokerErrorInside, codeInside } from './kafka-errors.ts'

export interface HeartbeatTimes {
  readonly clock: Clock
  readonly heartbeatIntervalMs: number
  readonly sessionTimeoutMs: number
}

export interface Heartbeats {
  stop(): Promise<void>
}

const unknownMember = 25

/**
 * Beats until it is stopped, also while the worker finishes its transaction: the coordinator counts these as life.
 * Fires `ended` when the coordinator says that a newer generation exists or is being formed, or has not been heard
 * for a session.
 */
export function keepAlive(member: GroupMember, ended: AbortController, times: HeartbeatTimes): Heartbeats {
  const stopping = new AbortController()
  const beating = beat(member, ended, stopping.signal, times)
  return {
    stop: () => {
      stopping.abort()
      return beating
    },
  }
}

async function beat(
  member: GroupMember,
  ended: AbortController,
  stop: AbortSignal,
  { clock, heartbeatIntervalMs, sessionTimeoutMs }: HeartbeatTimes,
): Promise<void> {
  let heardMs = clock.now()
  for (;;) {
    await clock.sleep(heartbeatIntervalMs, stop)
    if (stop.aborted) return
    try {
      await member.heartbeat()
      heardMs = clock.now()
    } catch (error) {
      const known = brokerErrorInside(error)
      if (known?.transaction === 'fenced') {
        ended.abort()
        heardMs = clock.now()
        // There is nothing left to keep alive.
        if (codeInside(error) === unknownMember) return
      } else {
        // The coordinator moved, or is out of reach: membership holds until the session would have run out.
        if (clock.now() - heardMs > sessionTimeoutMs || known?.again === 'never') ended.abort()
        await member.findCoordinator().catch(() => undefined)
      }
    }
  }
}
