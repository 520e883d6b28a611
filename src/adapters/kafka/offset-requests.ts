/** Requests about coordinators and offsets. */
import type { Answer, Exchange } from './api.ts'
import type { ErrorAnswer } from './transaction-requests.ts'

export type CoordinatorKind = 'group' | 'transaction'

export function findCoordinator(kind: CoordinatorKind, key: string): Exchange<ErrorAnswer & { readonly node: number }> {
  return {
    api: 'FindCoordinator',
    write: (body) => {
      body
        .string(key)
        .int8(kind === 'group' ? 0 : 1)
        .tags()
      return undefined
    },
    read: (answer) => {
      const throttleMs = answer.int32()
      const error = answer.int16()
      answer.string()
      return { throttleMs, error, node: answer.int32() }
    },
  }
}

interface CommittedOffset {
  readonly partition: number
  /** -1 when the group has committed none. */
  readonly offset: number
  readonly error: number
}

/** An earlier owner's transaction on this position is pending. */
export const unstableOffsetCommit = 88

/**
 * OffsetFetch 7; with `isStable`, which is require_stable (KIP-447), such a partition answers so, beside those that are
 * stable, and without it what it is until then.
 */
export function offsetFetch(
  group: string,
  topic: string,
  partitions: readonly number[],
  isStable: boolean,
): Exchange<ErrorAnswer & { readonly offsets: readonly CommittedOffset[] }> {
  return {
    api: 'OffsetFetch',
    write: (body) => {
      body.string(group).array(1).string(topic).array(partitions.length)
      for (const partition of partitions) body.int32(partition)
      body
        .tags()
        .int8(isStable ? 1 : 0)
        .tags()
      return undefined
    },
    read: (answer) => {
      const throttleMs = answer.int32()
      const offsets: CommittedOffset[] = []
      answer.array((t) => {
        t.string()
        t.array((p) => {
          const partition = p.int32()
          const offset = p.number64()
          p.int32()
          p.string()
          offsets.push({ partition, offset, error: p.int16() })
          p.tags()
        })
        t.tags()
      })
      const whole = answer.int16()
      const partial = offsets.find(({ error }) => error !== 0 && error !== unstableOffsetCommit)
      return { throttleMs, error: whole === 0 ? (partial?.error ?? 0) : whole, offsets }
    },
  }
}

/**
 * For ListOffsets: the first offset; the last stable one, which is what "latest" is for isolation 1 (read_committed);
 * the high watermark, up to which open transactions have written.
 */
export const earliest = { time: -2, isolation: 1 } as const
export const latest = { time: -1, isolation: 1 } as const
export const watermark = { time: -1, isolation: 0 } as const
export type Sought = typeof earliest | typeof latest | typeof watermark

interface ListedOffset {
  readonly partition: number
  readonly offset: number
  readonly error: number
}

export function listOffsets(
  topic: string,
  partitions: readonly number[],
  { time, isolation }: Sought,
): Exchange<Answer & { readonly offsets: readonly ListedOffset[] }> {
  return {
    api: 'ListOffsets',
    write: (body) => {
      // Replica -1 is a consumer.
      body.int32(-1).int8(isolation).array(1).string(topic).array(partitions.length)
      for (const partition of partitions) body.int32(partition).int32(-1).int64(time)
      return undefined
    },
    read: (answer) => {
      const throttleMs = answer.int32()
      const offsets: ListedOffset[] = []
      answer.array((t) => {
        t.string()
        t.array((p) => {
          const partition = p.int32()
          const error = p.int16()
          p.number64()
          const offset = p.number64()
          p.int32()
          offsets.push({ partition, offset, error })
        })
      })
      return { throttleMs, offsets }
    },
  }
}
