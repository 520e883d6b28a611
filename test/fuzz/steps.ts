/** Work counted instead of timed: how many times the Avro cursor was moved. */
import { AvroCursor } from '../../src/core/avro/avro-cursor.ts'

const moves = ['int', 'long', 'size', 'advance', 'boolean', 'skipVarint', 'enter'] as const

/** Counts the moves while `work` runs. Not for work that runs at the same time as other work. */
export function cursorMoves(work: () => void): number {
  const prototype = AvroCursor.prototype as unknown as Record<string, (...parameters: number[]) => unknown>
  const originals = moves.map((name) => prototype[name])
  let count = 0
  moves.forEach((name, i) => {
    prototype[name] = function counted(this: AvroCursor, ...parameters: number[]) {
      count++
      return originals[i].apply(this, parameters)
    }
  })
  try {
    work()
  } finally {
    moves.forEach((name, i) => {
      prototype[name] = originals[i]
    })
  }
  return count
}
