/** Memory for large answers, used again when whoever read one is done with it: what is allocated anew must be collected. */

/** Smaller ones are not worth keeping. */
const leastBytes = 256 * 1024
/** Sizes that are made, so that one answer's memory fits the next. */
const stepBytes = 1024 * 1024
/** What may lie unused. */
const mostFreeBytes = 16 * 1024 * 1024

/** What is taken and never given back is the garbage collector's. */
export class AnswerMemory {
  #free: ArrayBuffer[] = []

  /** So many bytes; what is in them is anybody's. */
  take(bytes: number): Buffer {
    if (bytes < leastBytes) return Buffer.allocUnsafeSlow(bytes)
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    const [memory] = at < 0 ? [new ArrayBuffer(Math.ceil(bytes / stepBytes) * stepBytes)] : this.#free.splice(at, 1)
    return Buffer.from(memory, 0, bytes)
  }

  /** Once, of what `take` gave: its memory may be given to another from now on. */
  giveBack({ buffer }: Buffer): void {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < leastBytes) return
    const freeBytes = this.#free.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (freeBytes + buffer.byteLength <= mostFreeBytes) this.#free.push(buffer)
  }
}

/** Who still looks at a piece of memory; `unused` is called when the last of them does not any more. */
export class Lease {
  readonly #unused: () => void
  #users = 0

  constructor(unused: () => void) {
    this.#unused = unused
  }

  take(): void {
    this.#users++
  }

  end(): void {
    if (--this.#users === 0) this.#unused()
  }
}
