/** Everything that happened in a world, in order: a checksum over it always, its lines when somebody wants to read them. */
import { crc32 } from 'node:zlib'

export class Trace {
  readonly lines: string[] = []
  readonly #keepsLines: boolean
  #checksum = 0
  #count = 0

  constructor(keepsLines: boolean) {
    this.#keepsLines = keepsLines
  }

  /** Equal for two runs only when they said the same, in the same order. */
  get checksum(): string {
    return (this.#checksum >>> 0).toString(16).padStart(8, '0')
  }

  get count(): number {
    return this.#count
  }

  say(atMs: number, line: string): void {
    this.#count++
    this.#checksum = crc32(line, crc32(String(atMs), this.#checksum))
    if (this.#keepsLines) this.lines.push(`${(atMs / 1000).toFixed(3).padStart(8)} s  ${line}`)
  }

  /** Bytes that belong to what was said last. */
  add(bytes: Uint8Array): void {
    this.#checksum = crc32(bytes, this.#checksum)
  }
}
