/** Arrays of anything: whatever blocks they come in, and whatever their counts claim. */
import { describe, expect, test } from 'vitest'
import { AvroReader } from '../../../src/core/codec/avro-reader.ts'
import { AvroWriter } from '../../../src/core/codec/avro-writer.ts'

const readerOf = (...bytes: readonly number[]) => new AvroReader(Uint8Array.from(bytes))
const long = (reader: AvroReader) => reader.long()

/** Reads an array of longs either way, and tells what the reader has come to. */
const ways = [
  ['by a function', (reader: AvroReader) => reader.array(1, long)],
  ['as numbers', (reader: AvroReader) => Array.from(reader.longs())],
] as const

describe.each(ways)('an array of longs that is read %s', (_, read) => {
  test('is the same in one block, in several, and with sizes of blocks', () => {
    for (const bytes of [
      [6, 2, 4, 6, 0],
      [2, 2, 4, 4, 6, 0],
      [3, 4, 2, 4, 1, 2, 6, 0],
    ]) {
      const reader = readerOf(...bytes)
      expect(read(reader)).toEqual([1, 2, 3])
      expect(reader.complete).toBe(true)
    }
  })

  test.each([
    ['claims more items than there are bytes', [8, 2, 4, 6]],
    ['claims 2^53 - 2 items', [252, 255, 255, 255, 255, 255, 255, 31, 0]],
    ['claims -200 million items of a size', [255, 135, 222, 190, 1, 2, 2, 0]],
    ['has a negative count without a size', [5]],
    ['claims too many in its second block', [2, 2, 8, 4, 6]],
    ['has no end', [4, 2, 4]],
    ['has an item that is cut', [4, 2, 128]],
  ])('fails when it %s, and gives no more items than bytes', (__, bytes) => {
    const reader = readerOf(...bytes)
    expect(read(reader).length).toBeLessThanOrEqual(bytes.length)
    expect(reader.failed).toBe(true)
    expect(reader.long()).toBe(0)
  })
})

test('the size that an item takes at least bounds how many are read', () => {
  let calls = 0
  const counted = (reader: AvroReader) => {
    calls += 1
    return [reader.double(), reader.double()]
  }
  const reader = readerOf(6, ...new Uint8Array(40))
  expect(reader.array(16, counted)).toEqual([])
  expect(reader.failed).toBe(true)
  expect(calls).toBe(0)
})

test('an array of another length than is expected fails', () => {
  const bytes = [4, 2, 4, 0]
  expect(Array.from(readerOf(...bytes).longs(2))).toEqual([1, 2])
  for (const count of [0, 1, 3]) {
    const reader = readerOf(...bytes)
    reader.longs(count)
    expect(reader.failed).toBe(true)
  }
})

test('one at most is read from any blocks, and two in any blocks fail', () => {
  const one = readerOf(2, 14, 0)
  expect(one.noneOrOne(1, long)).toBe(7)
  expect(one.complete).toBe(true)
  const sized = readerOf(1, 2, 14, 0)
  expect(sized.noneOrOne(1, long)).toBe(7)
  expect(sized.complete).toBe(true)
  const none = readerOf(0)
  expect(none.noneOrOne(1, long)).toBeNull()
  expect(none.complete).toBe(true)
  for (const bytes of [
    [4, 14, 14, 0],
    [2, 14, 2, 14, 0],
    [3, 4, 14, 14, 0],
  ]) {
    const reader = readerOf(...bytes)
    reader.noneOrOne(1, long)
    expect(reader.failed).toBe(true)
  }
})

test('a value that is nothing to JavaScript is still one', () => {
  const writer = new AvroWriter()
  writer.noneOrOne(0, (to, value) => to.long(value))
  writer.orNull(0, (to, value) => to.long(value))
  const reader = new AvroReader(writer.written())
  expect(reader.noneOrOne(1, long)).toBe(0)
  expect(reader.orNull(long)).toBe(0)
  expect(reader.complete).toBe(true)
})
