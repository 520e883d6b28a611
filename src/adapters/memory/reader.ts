import type { PartitionReader } from '../../runtime/membership/group-session.ts'
import { outOfRange } from '../../runtime/out-of-range.ts'
import type { ExpiredRange, Positions, ReadLimit } from '../../runtime/ports.ts'
import type { RecordBatch } from '../../stages/records.ts'
import type { MemoryCluster } from './cluster.ts'
import type { PartitionLog } from './partition-log.ts'
import { Wakeup, whenAny } from './wakeup.ts'
import type { Wire } from './wire.ts'

/** One partition that is read. One that goes and comes again is another. */
interface Reading {
  readonly log: PartitionLog
  next: number
}

interface Found {
  readonly reading: Reading
  readonly batches: readonly RecordBatch[]
}

export class MemoryReader implements PartitionReader {
  readonly #cluster: MemoryCluster
  readonly #wire: Wire
  readonly #topic: string
  readonly #onExpired: ((range: ExpiredRange) => void) | null
  readonly #readings = new Map<number, Reading>()
  readonly #changed = new Wakeup()
  readonly #closed = new AbortController()
  #reads = 0
  /** How often the last partition has been removed. */
  #emptied = 0

  constructor(cluster: MemoryCluster, wire: Wire, topic: string, onExpired: ((range: ExpiredRange) => void) | null) {
    this.#onExpired = onExpired
    this.#cluster = cluster
    this.#wire = wire
    this.#topic = topic
  }

  add(from: Positions): void {
    for (const [partition, next] of from) {
      this.#readings.set(partition, { log: this.#cluster.partition({ topic: this.#topic, partition }), next })
    }
    this.#changed.wake()
  }

  remove(partition: number): void {
    if (this.#readings.delete(partition) && this.#readings.size === 0) this.#emptied++
    this.#changed.wake()
  }

  close(): void {
    this.#closed.abort()
  }

  async read(limit: ReadLimit): Promise<readonly RecordBatch[]> {
    const emptied = this.#emptied
    for (;;) {
      const found = await this.#wire('fetch', () => this.#next(limit, emptied))
      if (this.#isOver(emptied)) return []
      this.#reads++
      // What was removed while the answer was on its way is nobody's.
      const current = found.filter(({ reading }) => this.#readings.get(reading.log.partition) === reading)
      for (const { reading, batches } of current) reading.next = batches.at(-1)!.nextOffset
      if (current.length > 0) return current.flatMap(({ batches }) => batches)
    }
  }

  /** Also when the partition has come back since: whoever reads must not take what is new for what went on. */
  #isOver(emptied: number): boolean {
    return this.#closed.signal.aborted || this.#emptied > emptied
  }

  async #next(limit: ReadLimit, emptied: number): Promise<readonly Found[]> {
    for (;;) {
      const found = this.#fetch(limit)
      if (found.length > 0 || this.#isOver(emptied)) return found
      const advanced = [...this.#readings.values()].map(({ log }) => log.advanced)
      await whenAny([...advanced, this.#changed], this.#closed.signal)
    }
  }

  /**
   * What is there now. Each partition with something to say gets an even part of what is left of the limit, and
   * each read starts with another partition, so that none is always last.
   */
  #fetch(limit: ReadLimit): readonly Found[] {
    const ready = rotated([...this.#readings.values()], this.#reads).filter((reading) => this.#hasMore(reading))
    const found: Found[] = []
    let events = limit.maxEvents
    let bytes = limit.maxBytes
    ready.forEach((reading, i) => {
      const sharers = ready.length - i
      let partEvents = Math.ceil(events / sharers)
      let partBytes = Math.ceil(bytes / sharers)
      let from = reading.next
      const batches: RecordBatch[] = []
      for (;;) {
        const batch = reading.log.read(from, partEvents, partBytes, events === limit.maxEvents)
        if (batch === null) break
        const size = valueBytes(batch)
        from = batch.nextOffset
        partEvents -= batch.count
        partBytes -= size
        events -= batch.count
        bytes -= size
        batches.push(batch)
      }
      if (batches.length > 0) found.push({ reading, batches })
    })
    return found
  }

  #hasMore(reading: Reading): boolean {
    const { log, next } = reading
    if (next < log.start && this.#onExpired !== null) {
      reading.next = log.start
      this.#onExpired({ partition: log.partition, from: next, to: log.start })
    } else if (next < log.start || next > log.end) {
      throw outOfRange(log, next, log.start, log.end)
    }
    return reading.next < log.stableEnd
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

function valueBytes(batch: RecordBatch): number {
  let sum = 0
  for (let i = 0; i < batch.count; i++) sum += Math.max(0, batch.valueLength[i])
  return sum
}
