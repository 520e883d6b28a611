import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxVarlongBytes, varlongSize, writeVarlong } from '../../../src/core/codec/varlong.ts'

/** The specification's own words, with BigInt: zigzag, then groups of seven bits. */
function specified(n: number): number[] {
  const long = BigInt(n)
  let zigzag = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n))
  const bytes = []
  for (; zigzag > 127n; zigzag >>= 7n) bytes.push(Number(zigzag & 127n) | 128)
  return [...bytes, Number(zigzag)]
}

const edges = [6, 13, 20, 27, 31, 32, 34, 41, 48, 52, 53].flatMap((bits) => [-1, 0, 1].map((by) => 2 ** bits + by))
const safe = edges.flatMap((n) => [n, -n]).filter(Number.isSafeInteger)

describe('varlong', () => {
  test('every safe integer is written as the specification says, in as many bytes as varlongSize says', () => {
    const bytes = new Uint8Array(maxVarlongBytes + 2)
    const holds = (n: number) => {
      const end = writeVarlong(bytes, 1, n)
      expect(Array.from(bytes.subarray(1, end))).toEqual(specified(n))
      expect(varlongSize(n)).toBe(end - 1)
    }
    for (const n of [0, -1, 1, ...safe, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) holds(n)
    fc.assert(fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer()), holds))
  })
})
