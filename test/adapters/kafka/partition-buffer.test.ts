import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PartitionBuffer } from '../../../src/adapters/kafka/partition-buffer.ts'
import { parseBatches } from '../../../src/adapters/kafka/record-batch-reader.ts'
import { batchOf } from './records.ts'

/** A buffer with fetches of so many records each. */
function filled(...fetches: readonly number[]): PartitionBuffer {
  const buffer = new PartitionBuffer(3, 0, 1000)
  let next = 0
  for (const count of fetches) {
    const bytes = batchOf(
      Array.from({ length: count }, (_, i) => ({ value: Buffer.from(`value ${next + i}`) })),
      { base: next },
    )
    buffer.put(parseBatches({ bytes, start: 0, end: bytes.length, fetchOffset: next, aborted: [] }), bytes.length)
    next += count
  }
  return buffer
}

/** As a fetch that held only markers leaves it. */
const passMarkers = (buffer: PartitionBuffer, nextOffset: number) => {
  const nothing = parseBatches({ bytes: Buffer.alloc(0), start: 0, end: 0, fetchOffset: nextOffset, aborted: [] })
  return buffer.put(nothing, 0)
}

describe('what was read of a partition', () => {
  test('is given out once, in order, in slices that carry the position behind their last record', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 30 }),
        (fetches, most) => {
          const buffer = filled(...fetches)
          const offsets: number[] = []
          while (buffer.hasSomething) {
            const batches = buffer.take(most, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
            expect(batches.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(most)
            for (const batch of batches) {
              offsets.push(...batch.offset)
              expect(batch).toMatchObject({ partition: 3, nextOffset: batch.offset[batch.count - 1] + 1 })
              expect(
                batch.bytes.toString('utf8', batch.valueStart[0], batch.valueStart[0] + batch.valueLength[0]),
              ).toBe(`value ${batch.offset[0]}`)
            }
          }
          expect(offsets).toEqual(offsets.map((_, i) => i))
          expect(offsets).toHaveLength(fetches.reduce((a, b) => a + b))
        },
      ),
    )
  })

  test('carries the position past the markers behind it, with its last slice or without any record', () => {
    const buffer = filled(10)
    passMarkers(buffer, 12)
    expect(buffer.take(5, 1e9, 1e9).map(({ nextOffset }) => nextOffset)).toEqual([5])
    expect(buffer.take(50, 1e9, 1e9).map(({ nextOffset }) => nextOffset)).toEqual([12])
    expect(buffer.hasSomething).toBe(false)
    passMarkers(buffer, 15)
    expect(buffer.take(50, 1e9, 1e9)).toMatchObject([{ count: 0, nextOffset: 15 }])
    expect(buffer.hasSomething).toBe(false)
  })

  test('goes beyond the wished bytes for a first record only, and never beyond the most', () => {
    const buffer = filled(10)
    expect(buffer.take(10, 3, 5)).toEqual([])
    expect(buffer.take(10, 3, 8)).toMatchObject([{ count: 1 }])
    expect(buffer.take(10, 40, 40)).toMatchObject([{ count: 3, nextOffset: 4 }])
    expect(buffer.take(0, 1e9, 1e9)).toEqual([])
    expect(buffer.count).toBe(6)
  })

  test('makes room when it has been given out, not before', () => {
    const buffer = filled(10, 10)
    expect(buffer.hasRoom).toBe(false)
    buffer.take(9, 1e9, 1e9)
    expect(buffer.hasRoom).toBe(false)
    buffer.take(1, 1e9, 1e9)
    expect(buffer.hasRoom).toBe(true)
  })
})
