/** Fetch 11, read_committed, without a fetch session. */
import type { AbortedTransaction } from './aborted-ranges.ts'
import type { Answer, Exchange } from './api.ts'

export interface FetchWant {
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
}

export interface FetchLimits {
  /** How long the broker may wait for `minBytes`. */
  readonly maxWaitMs: number
  readonly minBytes: number
  /** Over the whole answer; the first batch of the first partition that has data comes whatever its size. */
  readonly maxBytes: number
}

export interface FetchedPartition {
  readonly partition: number
  readonly error: number
  readonly lastStableOffset: number
  readonly logStart: number
  readonly aborted: readonly AbortedTransaction[]
  /** Where the record batches lie in `FetchAnswer.bytes`. */
  readonly start: number
  readonly end: number
}

export interface FetchAnswer extends Answer {
  readonly error: number
  readonly bytes: Buffer
  readonly partitions: readonly FetchedPartition[]
}

export function fetchRecords(topic: string, wants: readonly FetchWant[], limits: FetchLimits): Exchange<FetchAnswer> {
  return {
    api: 'Fetch',
    heldMs: limits.maxWaitMs,
    write: (body) => {
      body.int32(-1).int32(limits.maxWaitMs).int32(limits.minBytes).int32(limits.maxBytes).int8(1)
      // Session 0 with epoch -1: every request names all its partitions, so a lost answer loses no state.
      body.int32(0).int32(-1).array(1).string(topic).array(wants.length)
      for (const want of wants) body.int32(want.partition).int32(-1).int64(want.offset).int64(-1).int32(want.maxBytes)
      body.array(0).string('')
      return undefined
    },
    read: (answer) => {
      const throttleMs = answer.int32()
      const error = answer.int16()
      answer.int32()
      const partitions: FetchedPartition[] = []
      answer.array((t) => {
        t.string()
        t.array((p) => {
          const partition = p.int32()
          const partitionError = p.int16()
          p.number64()
          const lastStableOffset = p.number64()
          const logStart = p.number64()
          const aborted = p.array((a) => ({ producerId: a.int64(), firstOffset: a.number64() }))
          p.int32()
          const { start, end } = p.bytesField()
          partitions.push({ partition, error: partitionError, lastStableOffset, logStart, aborted, start, end })
        })
      })
      return { throttleMs, error, bytes: answer.bytes, partitions }
    },
  }
}
