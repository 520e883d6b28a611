/** Numbers that are added one after the other. */
export class GrowingNumbers {
  private held = new Float64Array(1024)
  private count = 0

  get length(): number {
    return this.count
  }

  push(value: number): void {
    if (this.count === this.held.length) this.makeRoom(1)
    this.held[this.count++] = value
  }

  set(index: number, value: number): void {
    this.held[index] = value
  }

  append(values: Float64Array): void {
    this.makeRoom(values.length)
    this.held.set(values, this.count)
    this.count += values.length
  }

  clear(): void {
    this.count = 0
  }

  /** All of them: a view, good until the next change. */
  view(): Float64Array {
    return this.held.subarray(0, this.count)
  }

  private makeRoom(more: number): void {
    if (this.count + more <= this.held.length) return
    const grown = new Float64Array(Math.max(this.count + more, this.held.length * 2))
    grown.set(this.view())
    this.held = grown
  }
}
