import { columnBytes, RecordColumns } from './record-columns.ts'

const chunkRecords = 4096

/** Where a record lies. */
export interface Place {
  readonly chunk: RecordColumns
  readonly index: number
}

export function offsetAt(place: Place): number {
  return place.chunk.offset[place.index]
}

/** The stored records of a partition, by ascending offset, in chunks: only whole chunks are ever dropped. */
export class Chunks {
  readonly #maxBytes: number
  readonly #chunks: RecordColumns[] = []
  #bytes = 0

  /** A chunk is full at `maxBytes` of keys and values; a larger record fills one alone. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes held, columns included. */
  get bytes(): number {
    return this.#bytes
  }

  get oldest(): RecordColumns | undefined {
    return this.#chunks[0]
  }

  get length(): number {
    return this.#chunks.length
  }

  /** Copies records [from, to), giving them consecutive offsets from `firstOffset` on. */
  append(records: RecordColumns, from: number, to: number, firstOffset: number): void {
    let at = from
    while (at < to) {
      const chunk = this.#withRoom()
      const roomBytes = records.keyStart[at] + this.#maxBytes - chunk.usedBytes
      const most = Math.min(to, at + chunkRecords - chunk.count)
      let next = at + 1
      while (next < most && records.endOf(next) <= roomBytes) next++
      chunk.appendRange(records, at, next, firstOffset + at - from)
      this.#bytes += records.endOf(next - 1) - records.keyStart[at] + (next - at) * columnBytes
      at = next
    }
  }

  /** The first record at or after `offset`. */
  find(offset: number): Place | undefined {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (lastOffset(this.#chunks[middle]) < offset) low = middle + 1
      else high = middle
    }
    const chunk = this.#chunks[low]
    return chunk && { chunk, index: chunk.indexOf(offset) }
  }

  /** Gives the offset that follows the last one dropped. */
  dropOldest(): number {
    const [oldest] = this.#chunks.splice(0, 1)
    this.#bytes -= sizeOf(oldest)
    return lastOffset(oldest) + 1
  }

  *places(): Iterable<Place> {
    for (const chunk of this.#chunks) for (let index = 0; index < chunk.count; index++) yield { chunk, index }
  }

  #withRoom(): RecordColumns {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.count < chunkRecords && last.usedBytes < this.#maxBytes) return last
    const chunk = new RecordColumns()
    this.#chunks.push(chunk)
    return chunk
  }
}

export function lastOffset(chunk: RecordColumns): number {
  return chunk.offset[chunk.count - 1]
}

export function sizeOf(chunk: RecordColumns): number {
  return chunk.usedBytes + chunk.count * columnBytes
}
