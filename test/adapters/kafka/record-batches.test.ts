import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Compression, maxDecompressedBytes } from '../../../src/adapters/kafka/compression.ts'
import { PartitionOutput } from '../../../src/adapters/kafka/record-batch-writer.ts'
import { field } from '../../../src/adapters/kafka/record-format.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'
import { batchOf, nobody, type PlainRecord, parsed } from './records.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((a) => Buffer.from(a))
/** What a producer may claim; the times of one batch are less than 2^53 ms apart. */
const anyTime = fc.integer({ min: -1, max: 1 }).chain((sign) => fc.nat(2 ** 31 - 1).map((ms) => sign * (2 ** 52 - ms)))
const anyRecord = fc.record({
  timestamp: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }) },
    { weight: 1, arbitrary: anyTime },
  ),
  key: fc.option(bytes(200)),
  value: fc.option(bytes(2000)),
  headers: fc.array(fc.record({ name: fc.string({ maxLength: 20, unit: 'grapheme' }), value: fc.option(bytes(30)) }), {
    maxLength: 3,
  }),
})
const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 300 })
const numbered = (records: readonly Omit<PlainRecord, 'offset'>[], base = 0) =>
  records.map((r, i) => ({ offset: base + i, ...r }))

/** Gives the checksum that the bytes now have: damage that only the structure can show. */
function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(field.attributes)), field.crc)
  return batch
}

describe('a record batch', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(anyRecords, fc.integer({ min: 0, max: 2 ** 50 }), (records, base) => {
        const { records: read, nextOffset } = parsed(batchOf(records, { base }), base)
        expect(read).toEqual(numbered(records, base))
        expect(nextOffset).toBe(base + records.length)
      }),
      { numRuns: 50 },
    )
  })

  test('ends before a record whose time is farther from its first than a number can say', () => {
    const times = [2 ** 53 - 1, 1 - 2 ** 53, 8.64e15, -8.64e15, 0, 8.64e15]
    const output = new PartitionOutput('topic', 0, 2_000_000, false)
    for (const timestamp of times) output.append({ topic: 'topic', partition: 0, key: null, value: null, timestamp })
    const batches = output.finish()
    for (const batch of batches) batch.stamp(nobody, 0)
    const read = batches.map(({ bytes }) => parsed(bytes).records.map(({ timestamp }) => timestamp))
    expect(read).toEqual([[2 ** 53 - 1], [1 - 2 ** 53], [8.64e15], [-8.64e15, 0], [8.64e15]])
  })

  test('of times beyond all whole numbers is held at the last', () => {
    const [batch] = [-1, 1].map((timestamp) =>
      batchOf([{ timestamp, key: null, value: null, headers: [] }], { base: 0 }),
    )
    const later = Buffer.from(batch)
    later.writeBigInt64BE(2n ** 63n - 1n, field.baseTimestamp)
    const earlier = Buffer.from(batch)
    earlier.writeBigInt64BE(-(2n ** 63n), field.baseTimestamp)
    const read = [later, earlier].map((bytes) => parsed(sealed(bytes)).records[0].timestamp)
    expect(read).toEqual([Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER])
  })

  test.each<Exclude<Compression, 'none'>>(['gzip', 'snappy', 'lz4', 'zstd'])(
    'compressed by %s is read as it was written',
    async (codec) => {
      await fc.assert(
        fc.asyncProperty(anyRecords, async (records) => {
          const output = new PartitionOutput('topic', 0, 2_000_000, false)
          for (const record of records) output.append({ topic: 'topic', partition: 0, ...record })
          const [batch] = output.finish()
          await batch.compress(codec)
          batch.stamp(nobody, 0)
          expect(parsed(batch.bytes).records).toEqual(numbered(records))
        }),
        { numRuns: 15 },
      )
    },
  )

  test('that compression would make longer is sent as it is', async () => {
    const output = new PartitionOutput('topic', 0, 1_000, false)
    output.append({ topic: 'topic', partition: 0, key: null, value: Buffer.from('x'), timestamp: 1 })
    const [batch] = output.finish()
    const before = batch.bytes.length
    await batch.compress('gzip')
    expect(batch.bytes).toHaveLength(before)
  })

  test('written in place is what it is when appended', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ timestamp: fc.nat(2 ** 31), key: fc.option(bytes(60)), value: bytes(60) }), {
          minLength: 1,
        }),
        (records) => {
          const output = new PartitionOutput('topic', 0, 1_000_000, false)
          for (const { key, value, timestamp } of records) {
            const keys = Buffer.concat([Buffer.from('junk'), key ?? Buffer.alloc(0)])
            const at = output.reserve(
              keys,
              4,
              key === null ? -1 : key.length,
              value.length,
              Float64Array.of(timestamp),
              0,
            )
            value.copy(output.bytes, at)
          }
          const [batch] = output.finish()
          batch.stamp(nobody, 0)
          expect(parsed(batch.bytes).records).toEqual(numbered(records.map((r) => ({ ...r, headers: [] }))))
        },
      ),
    )
  })

  test('never grows beyond its limit: what does not fit begins the next', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 100 }), (lengths) => {
        const output = new PartitionOutput('topic', 0, 600, true)
        for (const [i, length] of lengths.entries()) {
          output.append({
            topic: 'topic',
            partition: 0,
            key: null,
            value: Buffer.alloc(length, i),
            timestamp: i * 1_000_000,
          })
        }
        const batches = output.finish()
        const read = batches.flatMap((batch) => {
          batch.stamp({ producerId: 1n, epoch: 1 }, 0)
          expect(batch.bytes.length).toBeLessThanOrEqual(600)
          return parsed(batch.bytes).records
        })
        expect(read.map(({ value }) => value?.length)).toEqual(lengths)
        expect(read.map(({ timestamp }) => timestamp)).toEqual(lengths.map((_, i) => i * 1_000_000))
      }),
    )
  })

  test('keeps the memory that transactions need, and lets go what a large one needed when many small ones have followed', () => {
    const output = new PartitionOutput('topic', 0, 1_000_000, true)
    const transaction = (bytes: number) => {
      output.append({ topic: 'topic', partition: 0, key: null, value: Buffer.alloc(bytes), timestamp: 0 })
      output.finish()
      output.reset(true)
      return output.bytes.length
    }
    const large = transaction(500_000)
    expect(large).toBeGreaterThan(500_000)
    for (let i = 0; i < 250; i++) expect(transaction(i % 10 === 0 ? 400_000 : 10)).toBe(large)
    for (let i = 0; i < 250; i++) transaction(20_000)
    expect(output.bytes.length).toBeLessThan(50_000)
    expect(transaction(500_000)).toBeGreaterThan(500_000)
  })

  test('of a record that is larger than the limit holds nothing else', () => {
    const output = new PartitionOutput('topic', 0, 1_000, true)
    for (const length of [10, 10, 2_000, 10, 10]) {
      output.append({ topic: 'topic', partition: 0, key: null, value: Buffer.alloc(length), timestamp: 0 })
    }
    expect(output.finish().map(({ count }) => count)).toEqual([2, 1, 2])
  })

  test('begins where it was asked to: what shares its batch with earlier records is left out', () => {
    const batch = batchOf(
      Array.from({ length: 10 }, (_, i) => ({ value: Buffer.from(`${i}`) })),
      { base: 100 },
    )
    expect(parsed(batch, 107).records.map(({ offset }) => offset)).toEqual([107, 108, 109])
    expect(parsed(batch, 110)).toEqual({ records: [], nextOffset: 110 })
  })

  test('that the broker cut short is left for the next fetch, unless it is the first', () => {
    const whole = batchOf([{ value: Buffer.from('whole') }])
    const cut = batchOf([{ value: Buffer.from('cut') }], { base: 1 }).subarray(0, 65)
    expect(parsed(Buffer.concat([whole, cut]))).toMatchObject({ records: [{ offset: 0 }], nextOffset: 1 })
    expect(() => parsed(cut)).toThrow(expect.objectContaining({ code: 'log.corrupt' }))
  })
})

describe("batches that Kafka's own client made", () => {
  type Shown = [
    offset: number,
    timestamp: number,
    key: string | null,
    value: string | null,
    headers: [string, string | null][],
  ]
  const golden: { name: string; batch: string; nextOffset: number; records: Shown[] }[] = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../golden/kafka/record-batches.json'), 'utf8'),
  )
  const shown = (value: Buffer | null) => {
    if (value === null || value.length < 1000) return value?.toString('base64') ?? null
    return `sha256 ${createHash('sha256').update(value).digest('hex')}`
  }

  test.each(golden)('are read as that client reads them: $name', ({ batch, records, nextOffset }) => {
    const read = parsed(Buffer.from(batch, 'base64'))
    expect(read.nextOffset).toBe(nextOffset)
    expect(
      read.records.map((r) => [
        r.offset,
        r.timestamp,
        shown(r.key),
        shown(r.value),
        r.headers.map((h) => [h.name, h.value === null ? null : Buffer.from(h.value).toString('base64')]),
      ]),
    ).toEqual(records.map(([offset, timestamp, key, value, headers]) => [offset, timestamp, key, value, headers]))
  })

  test.each(golden)('with any one byte changed are refused, or read as they were: $name', ({ batch }) => {
    const good = Buffer.from(batch, 'base64')
    const expected = parsed(good)
    const survivors: number[] = []
    for (let at = 0; at < good.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(good)
        damaged[at] ^= flip
        try {
          expect(parsed(damaged)).toEqual(expected)
        } catch (error) {
          if (!(error instanceof ShoalError)) survivors.push(at)
          else expect(error.code).toBe('log.corrupt')
        }
      }
    }
    // The checksum does not cover the base offset: the broker writes it, and only its order can be checked.
    expect(survivors.filter((at) => at >= 8)).toEqual([])
  })
})

describe('hostile bytes with a good checksum', () => {
  const victim = () =>
    batchOf([
      { key: Buffer.from('key'), value: Buffer.from('value'), headers: [{ name: 'h', value: Buffer.from('v') }] },
      { value: Buffer.alloc(100) },
    ])

  test('are refused, or give records that lie within the batch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: field.attributes, max: 180 }), fc.nat(255)), {
          minLength: 1,
          maxLength: 6,
        }),
        (changes) => {
          const batch = victim()
          for (const [at, byte] of changes) batch[Math.min(at, batch.length - 1)] = byte
          batch[field.attributes + 1] &= ~7
          try {
            for (const { key, value } of parsed(sealed(batch)).records)
              expect((key?.length ?? 0) + (value?.length ?? 0)).toBeLessThan(batch.length)
          } catch (error) {
            if (!(error instanceof ShoalError && error.code === 'log.corrupt')) throw error
          }
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test.each([
    ['a number of records that cannot be', (b: Buffer) => b.writeInt32BE(2 ** 31 - 1, field.count)],
    ['a negative number of records', (b: Buffer) => b.writeInt32BE(-1, field.count)],
    ['fewer records than it holds', (b: Buffer) => b.writeInt32BE(1, field.count)],
    ['a last offset before its first', (b: Buffer) => b.writeInt32BE(-5, field.lastOffsetDelta)],
    ['a record longer than the batch', (b: Buffer) => b.fill(0xff, 61, 64)],
    ['a varint that never ends', (b: Buffer) => b.fill(0xff, 61, 75)],
    ['a key longer than its record', (b: Buffer) => b.writeUInt8(0x7e, 65)],
    ['an old format', (b: Buffer) => b.writeUInt8(1, field.magic)],
    ['a codec that there is none of', (b: Buffer) => b.writeUInt8(5, field.attributes + 1)],
    ['a codec that it was not compressed by', (b: Buffer) => b.writeUInt8(4, field.attributes + 1)],
  ])('are refused: %s', (_, damage) => {
    const batch = victim()
    damage(batch)
    expect(() => parsed(sealed(batch))).toThrow(expect.objectContaining({ code: 'log.corrupt' }))
  })

  test('that grow beyond the limit when decompressed are refused before the memory is there', async () => {
    for (const codec of ['gzip', 'zstd', 'snappy', 'lz4'] as const) {
      const output = new PartitionOutput('topic', 0, maxDecompressedBytes * 2, false)
      output.append({
        topic: 'topic',
        partition: 0,
        key: null,
        value: Buffer.alloc(maxDecompressedBytes + 1),
        timestamp: 0,
      })
      const [bomb] = output.finish()
      await bomb.compress(codec)
      bomb.stamp(nobody, 0)
      expect(bomb.bytes.length, codec).toBeLessThan(4_000_000)
      expect(() => parsed(bomb.bytes), codec).toThrow(expect.objectContaining({ code: 'log.corrupt' }))
    }
  })

  test('that go back in offsets are refused', () => {
    const [later, earlier] = [
      batchOf([{ value: Buffer.from('a') }], { base: 10 }),
      batchOf([{ value: Buffer.from('b') }], { base: 5 }),
    ]
    expect(() => parsed(Buffer.concat([later, earlier]))).toThrow(expect.objectContaining({ code: 'log.corrupt' }))
  })
})
