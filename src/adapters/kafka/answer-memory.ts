/**
 * Memory for large answers and for the columns of their records, used again when whoever read one is done with it: what is
 * allocated anew must be collected.
 */

/** Smaller ones are not worth keeping. */
const leastBytes = 256 * 1024
/** Sizes that are made, so that the memory of one fits the next. */
const stepBytes = 512 * 1024
/** What may lie unused. */
const mostFreeBytes = 16 * 1024 * 1024

/** What is taken and never given back is the garbage collector's. */
export class AnswerMemory {
  #free: ArrayBuffer[] = []

  /** So many bytes; what is in them is anybody's. */
  take(bytes: number): Buffer {
    if (bytes < leastBytes) return Buffer.allocUnsafeSlow(bytes)
    const memory = this.#smallestOf(bytes) ?? new ArrayBuffer(Math.ceil(bytes / stepBytes) * stepBytes)
    return Buffer.from(memory, 0, bytes)
  }

  /** So that columns do not lie where an answer would. */
  #smallestOf(bytes: number): ArrayBuffer | null {
    let best: ArrayBuffer | null = null
    for (const each of this.#free) {
      if (each.byteLength >= bytes && (best === null || each.byteLength < best.byteLength)) best = each
    }
    if (best !== null) this.#free.splice(this.#free.indexOf(best), 1)
    return best
  }

  /** Once, of what `take` gave: its memory may be given to another from now on. */
  giveBack({ buffer }: Buffer): void {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < leastBytes) return
    const freeBytes = this.#free.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (freeBytes + buffer.byteLength <= mostFreeBytes) this.#free.push(buffer)
  }
}

/** Who still looks at an answer; when the last of them does not any more, its memory is given back, once. */
export class Lease {
  readonly #memory: Pick<AnswerMemory, 'take' | 'giveBack'>
  readonly #taken: Buffer[]
  #users = 0

  constructor(memory: Pick<AnswerMemory, 'take' | 'giveBack'>, answer: Buffer) {
    this.#memory = memory
    this.#taken = [answer]
  }

  /** Memory for what is made of the answer, which goes with it. */
  more(bytes: number): Buffer {
    const memory = this.#memory.take(bytes)
    this.#taken.push(memory)
    return memory
  }

  take(): void {
    this.#users++
  }

  end(): void {
    if (--this.#users !== 0) return
    for (const each of this.#taken) this.#memory.giveBack(each)
  }
}
