/** Events in the body of a request, as a projection reads them: one, or one a line (NDJSON). */
import { viewOf } from '../../core/codec/view-of.ts'
import type { EventBytes } from '../../core/fields/fields.ts'
import { judgedAtOnce } from '../../stages/judge.ts'

export interface EventPiece extends EventBytes {
  readonly bytes: Buffer
  readonly count: number
}

const lineFeed = 10
const carriageReturn = 13

export function oneEvent(bytes: Buffer): EventPiece {
  return {
    bytes,
    view: viewOf(bytes),
    valueStart: Int32Array.of(0),
    valueLength: Int32Array.of(bytes.length),
    count: 1,
  }
}

/** The lines of a body, in pieces of so many; empty lines are none. All pieces share their columns. */
export function* eventLines(bytes: Buffer, atOnce = judgedAtOnce): Generator<EventPiece> {
  const view = viewOf(bytes)
  const valueStart = new Int32Array(atOnce)
  const valueLength = new Int32Array(atOnce)
  let count = 0
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start)
    const next = found < 0 ? bytes.length : found
    const end = next > start && bytes[next - 1] === carriageReturn ? next - 1 : next
    if (end > start) {
      valueStart[count] = start
      valueLength[count] = end - start
      count++
    }
    start = next + 1
    if (count < atOnce) continue
    yield { bytes, view, valueStart, valueLength, count }
    count = 0
  }
  if (count > 0) yield { bytes, view, valueStart, valueLength, count }
}
