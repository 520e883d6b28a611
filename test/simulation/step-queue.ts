/** Steps by time, those of one time by their ties: a binary heap. */
import type { Step } from './schedule.ts'

export class StepQueue {
  readonly #heap: Step[] = []

  get length(): number {
    return this.#heap.length
  }

  push(step: Step): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(step)
    while (at > 0) {
      const above = (at - 1) >>> 1
      if (!isBefore(step, heap[above])) break
      heap[at] = heap[above]
      at = above
    }
    heap[at] = step
  }

  pop(): Step | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return last
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1], heap[below])) below++
      if (!isBefore(heap[below], last)) break
      heap[at] = heap[below]
      at = below
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: Step, b: Step): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie)
}
