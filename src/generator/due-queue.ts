/** What is planned for later, earliest first: a binary heap. Equal times leave in the order they came. */
export class DueQueue<T> {
  private readonly heap: { readonly due: number; readonly serial: number; readonly item: T }[] = []
  private serial = 0

  /** When the earliest is due; infinity when there is none. */
  get nextDue(): number {
    return this.heap.length > 0 ? this.heap[0].due : Number.POSITIVE_INFINITY
  }

  add(due: number, item: T): void {
    const { heap } = this
    let at = heap.length
    heap.push({ due, serial: this.serial++, item })
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.before(at, parent)) return
      this.swap(at, parent)
      at = parent
    }
  }

  /** Removes the earliest. There must be one. */
  take(): T {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined) throw new RangeError('take needs a queue that is not empty')
    if (heap.length > 0) {
      heap[0] = last
      this.sink()
    }
    return first.item
  }

  private sink(): void {
    const { heap } = this
    for (let at = 0; ; ) {
      let child = 2 * at + 1
      if (child >= heap.length) return
      if (child + 1 < heap.length && this.before(child + 1, child)) child++
      if (!this.before(child, at)) return
      this.swap(at, child)
      at = child
    }
  }

  private before(a: number, b: number): boolean {
    const left = this.heap[a]
    const right = this.heap[b]
    return left.due !== right.due ? left.due < right.due : left.serial < right.serial
  }

  private swap(a: number, b: number): void {
    const { heap } = this
    const held = heap[a]
    heap[a] = heap[b]
    heap[b] = held
  }
}
