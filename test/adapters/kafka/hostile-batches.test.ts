/** Record batches that nobody should write, with good checksums: what they say of themselves is not to be believed. */
import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compressionNumber, compressors, maxDecompressedBytes } from '../../../src/adapters/kafka/compression.ts'
import { batchHeaderBytes, field, lengthOverhead } from '../../../src/adapters/kafka/record-format.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'
import { batchOf, parsed } from './records.ts'

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const
type Codec = (typeof codecs)[number]

const victim = () =>
  batchOf(Array.from({ length: 20 }, (_, i) => ({ key: Buffer.from(`k${i}`), value: Buffer.alloc(50, i) })))

/** The header of a batch with these bytes for its records, and a checksum that is right. */
function withRecords(batch: Buffer, codec: Codec | 'none', records: Buffer): Buffer {
  const whole = Buffer.concat([batch.subarray(0, batchHeaderBytes), records])
  whole.writeInt32BE(whole.length - lengthOverhead, field.length)
  whole[field.attributes + 1] = (whole[field.attributes + 1] & ~7) | compressionNumber(codec)
  whole.writeUInt32BE(crc32c(whole.subarray(field.attributes)), field.crc)
  return whole
}

/** Refused as corrupt, or read into records that lie within what there was. */
function isHandled(batch: Buffer): void {
  try {
    parsed(batch)
  } catch (error) {
    if (!(error instanceof ShoalError && error.code === 'log.corrupt')) throw error
  }
}

describe('compressed records of any bytes', () => {
  test.each(codecs)('are refused or read: %s', async (codec) => {
    const good = await compressors[codec](victim().subarray(batchHeaderBytes))
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(changes, fc.nat(good.length), (changed, length) => {
        const bytes = Buffer.from(good)
        for (const [at, byte] of changed) bytes[at] = byte
        isHandled(withRecords(victim(), codec, bytes))
        isHandled(withRecords(victim(), codec, bytes.subarray(0, length)))
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) =>
        isHandled(withRecords(victim(), codec, Buffer.from(bytes))),
      ),
      { numRuns: 500 },
    )
  })

  test.each(codecs)(
    'are refused when they are a gigabyte, and take no more memory than the limit: %s',
    async (codec) => {
      const once = await compressors[codec](Buffer.alloc(maxDecompressedBytes + 1))
      const before = process.memoryUsage().rss
      for (let i = 0; i < 10; i++)
        expect(() => parsed(withRecords(victim(), codec, once))).toThrow(
          expect.objectContaining({ code: 'log.corrupt' }),
        )
      const grown = process.memoryUsage().rss - before
      expect(grown).toBeLessThan(6 * maxDecompressedBytes)
    },
  )

  test('are refused when they are more records than there is room for', async () => {
    for (const count of [-1, 2 ** 31 - 1, 1_000_000]) {
      const batch = victim()
      batch.writeInt32BE(count, field.count)
      const records = await compressors.zstd(victim().subarray(batchHeaderBytes))
      expect(() => parsed(withRecords(batch, 'zstd', records))).toThrow(
        expect.objectContaining({ code: 'log.corrupt' }),
      )
    }
  })
})

describe('batches of any shape', () => {
  test('are read when there are thousands of one record', () => {
    const log = Buffer.concat(
      Array.from({ length: 5_000 }, (_, i) => batchOf([{ value: Buffer.from('v') }], { base: i })),
    )
    expect(parsed(log).records).toHaveLength(5_000)
  })

  test('are read when a record has thousands of headers', () => {
    const headers = Array.from({ length: 50_000 }, (_, i) => ({ name: `${i}`, value: Buffer.from('v') }))
    expect(parsed(batchOf([{ value: Buffer.from('v'), headers }])).records[0].headers).toHaveLength(50_000)
  })

  test('are refused when their length is negative, or larger than the fetch', () => {
    for (const length of [-1, -(2 ** 31), 0, 40, 2 ** 31 - 1]) {
      const batch = victim()
      batch.writeInt32BE(length, field.length)
      expect(() => parsed(batch)).toThrow(expect.objectContaining({ code: 'log.corrupt' }))
    }
  })

  test('of any header bytes are refused or read', () => {
    const changes = fc.array(fc.tuple(fc.nat(batchHeaderBytes - 1), fc.nat(255)), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(changes, (changed) => {
        const batch = victim()
        for (const [at, byte] of changed) batch[at] = byte
        batch.writeUInt32BE(crc32c(batch.subarray(field.attributes)), field.crc)
        isHandled(batch)
      }),
      { numRuns: 3_000 },
    )
  })

  test('of any bytes at all are refused or read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => isHandled(Buffer.from(bytes))),
      { numRuns: 2_000 },
    )
  })
})
