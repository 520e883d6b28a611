/** The rows of a stream as a CSV file, for other detectors: what the clusters see, and how far each row was from them. */
import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

export class RowFile {
  private readonly out: WriteStream
  private readonly d: number

  /** `columns`: of each the name of its feature, which may come more than once. */
  constructor(path: string, columns: readonly string[]) {
    this.d = columns.length
    this.out = createWriteStream(path)
    this.out.write(`${[...columns, 'distance'].join(',')}\n`)
  }

  add(rows: Float64Array, n: number, distances: Float64Array): void {
    const { d } = this
    const lines = Array.from({ length: n }, (_, i) =>
      [...rows.subarray(i * d, (i + 1) * d), distances[i]].map((value) => value.toPrecision(7)).join(','),
    )
    this.out.write(`${lines.join('\n')}\n`)
  }

  async close(): Promise<void> {
    this.out.end()
    await finished(this.out)
  }
}
