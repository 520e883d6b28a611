/** Wakes whoever waits. A firing that nobody waits for is remembered for one who comes later. */
export class Signal {
  #fired = false
  #wake: (() => void) | null = null
  #waiting: Promise<void> | null = null

  fire(): void {
    if (this.#wake === null) {
      this.#fired = true
      return
    }
    const wake = this.#wake
    this.#wake = null
    this.#waiting = null
    wake()
  }

  /** Resolves at the next firing, or at once when there was one since the last wait. */
  wait(): Promise<void> {
    if (this.#fired) {
      this.#fired = false
      return Promise.resolve()
    }
    this.#waiting ??= new Promise((resolve) => {
      this.#wake = resolve
    })
    return this.#waiting
  }
}
