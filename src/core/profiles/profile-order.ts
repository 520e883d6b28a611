/**
 * Which slot was seen least recently. A list through all slots would cost an event four more places in memory; this
 * costs one, the time at which the slot was seen. Only once something must go are the slots put into a queue, by those
 * times; from then on each event adds one to its end, and what was seen again since is passed over at its head.
 */
export class ProfileOrder {
  /** When each slot was seen last, in events. */
  private seen: Float64Array
  private now = 0
  /** Slots in the order in which they were seen, and when; null while nothing must go. */
  private queue: { slots: Int32Array; times: Float64Array } | null = null
  private head = 0
  private tail = 0

  constructor(capacity: number) {
    this.seen = new Float64Array(capacity)
  }

  get bytes(): number {
    return 8 * this.seen.length + 12 * (this.queue?.slots.length ?? 0)
  }

  see(slot: number): void {
    this.seen[slot] = ++this.now
    if (this.queue !== null) this.push(slot)
  }

  /** The slot of [0, size) that was seen least recently. It is to be seen next. */
  oldest(size: number): number {
    const { slots, times } = this.queue ?? this.begin(size)
    // One that has been seen since stands further behind, too.
    while (this.seen[slots[this.head]] !== times[this.head]) this.head++
    return slots[this.head++]
  }

  /** They were seen in this order. */
  set(slots: Int32Array): void {
    for (const slot of slots) this.seen[slot] = ++this.now
    this.queue = null
  }

  /** What was in one slot is in another. */
  move(from: number, to: number): void {
    this.seen[to] = this.seen[from]
    this.queue = null
  }

  grow(capacity: number): void {
    const seen = new Float64Array(capacity)
    seen.set(this.seen)
    this.seen = seen
  }

  private begin(size: number): { slots: Int32Array; times: Float64Array } {
    const slots = new Int32Array(size).map((_, slot) => slot).sort((a, b) => this.seen[a] - this.seen[b])
    this.queue = { slots: new Int32Array(4 * size), times: new Float64Array(4 * size) }
    this.head = 0
    this.tail = 0
    for (const slot of slots) this.push(slot)
    return this.queue
  }

  private push(slot: number): void {
    const queue = this.queue!
    if (this.tail === queue.slots.length) this.close()
    queue.slots[this.tail] = slot
    queue.times[this.tail++] = this.seen[slot]
  }

  /** Leaves out what has been seen since: at most one of each slot stays, a quarter of the queue. */
  private close(): void {
    const { slots, times } = this.queue!
    let kept = 0
    for (let at = this.head; at < this.tail; at++) {
      if (this.seen[slots[at]] !== times[at]) continue
      slots[kept] = slots[at]
      times[kept++] = times[at]
    }
    this.head = 0
    this.tail = kept
  }
}
