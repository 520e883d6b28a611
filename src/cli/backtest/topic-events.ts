/** What a topic retains, as events of a replay: the committed records of all its partitions, in the order of their times. */
import type { OffsetRange } from '../../core/model/model.ts'
import type { EventLog } from '../../runtime/ports.ts'
import { keyAt, type RecordBatch, valueAt } from '../../stages/records.ts'
import { type Committed, existingRanges, readUpTo } from '../committed.ts'
import type { LabelledEvent, LabelledEvents } from './labelled-events.ts'

export interface TopicRange {
  readonly topic: string
  /** Record times in ms that are replayed: from, and up to but not including. */
  readonly sinceMs: number
  readonly untilMs: number
  /** Records at most; null: all. */
  readonly rows: number | null
}

const eventsPerPiece = 500

export interface TopicEvents extends LabelledEvents {
  /** Of each partition from the first offset to behind the last that has been given as an event. */
  ranges(): readonly OffsetRange[]
}

/** Reads up to where the topic ends now. Of equal times the lower partition comes first, so that the order is the same each time. */
export async function topicEvents(log: EventLog, range: TopicRange, signal: AbortSignal): Promise<TopicEvents> {
  const held = await existingRanges(log, range.topic)
  const total = held.reduce((sum, { from, to }) => sum + to - from, 0)
  let read = 0
  const given = new Map<number, OffsetRange>()
  return {
    ranges: () => [...given.values()].sort((a, b) => a.partition - b.partition),
    async *pieces() {
      const heads = held.map((each) => new Head(log, range.topic, each, signal))
      try {
        for (const head of heads) await head.next()
        let piece: LabelledEvent[] = []
        let count = 0
        for (let head = earliest(heads); head !== null && count !== range.rows; head = earliest(heads)) {
          read++
          const { timeMs } = head
          if (timeMs >= range.sinceMs && timeMs < range.untilMs) {
            piece.push(head.event())
            count++
            const { partition, offset } = head
            given.set(partition, { partition, from: given.get(partition)?.from ?? offset, to: offset + 1 })
          }
          await head.next()
          if (piece.length < eventsPerPiece) continue
          yield piece
          piece = []
        }
        if (piece.length > 0) yield piece
      } finally {
        for (const head of heads) await head.close()
      }
    },
    part: () => read / Math.max(1, total),
  }
}

function earliest(heads: readonly Head[]): Head | null {
  let found: Head | null = null
  for (const head of heads) if (!head.ended && (found === null || head.timeMs < found.timeMs)) found = head
  return found
}

/** One partition and the record in it that is next. */
class Head {
  ended = false
  readonly partition: number
  private readonly batches: AsyncGenerator<Committed, void>
  private batch: RecordBatch | null = null
  private count = 0
  private index = -1

  constructor(log: EventLog, topic: string, range: OffsetRange, signal: AbortSignal) {
    this.partition = range.partition
    this.batches = readUpTo(log, topic, [range], signal)
  }

  get offset(): number {
    return this.batch!.offset[this.index]
  }

  get timeMs(): number {
    return this.batch!.timestamp[this.index]
  }

  event(): LabelledEvent {
    const batch = this.batch!
    return { key: keyAt(batch, this.index), value: valueAt(batch, this.index), timestampMs: this.timeMs, label: -1 }
  }

  async next(): Promise<void> {
    this.index++
    while (!this.ended && this.index >= this.count) {
      const next = await this.batches.next()
      if (next.done === true) this.ended = true
      else {
        this.batch = next.value.batch
        this.count = next.value.count
        this.index = 0
      }
    }
  }

  async close(): Promise<void> {
    await this.batches.return()
  }
}
