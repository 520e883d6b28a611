import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiVersionsExchange, versionFor } from '../../../src/adapters/kafka/api.ts'
import { Reader, Writer } from '../../../src/adapters/kafka/wire.ts'

const corrupt = expect.objectContaining({ code: 'log.corrupt' })

describe.each([true, false])('the wire format, flexible: %s', (flexible) => {
  test('gives back what was written', () => {
    fc.assert(
      fc.property(
        fc.option(fc.string({ maxLength: 500, unit: 'grapheme' })),
        fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
        fc.array(fc.integer()),
        fc.nat(2 ** 31),
        (text, large, numbers, unsigned) => {
          const writer = new Writer(flexible, 1)
          writer.string(text).int64(large).array(numbers.length)
          for (const number of numbers) writer.int32(number)
          writer.uvarint(unsigned).int8(-3).int16(-300).tags()
          const reader = new Reader(Buffer.from(writer.view()), flexible)
          expect(reader.string()).toBe(text)
          expect(reader.int64()).toBe(large)
          expect(reader.array((r) => r.int32())).toEqual(numbers)
          expect([reader.uvarint(), reader.int8(), reader.int16()]).toEqual([unsigned, -3, -300])
          reader.tags()
          expect(reader.at).toBe(writer.length)
        },
      ),
    )
  })

  test('never reads beyond its bytes, whatever they claim', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const reader = new Reader(Buffer.from(bytes), flexible)
        try {
          reader.string()
          reader.array((r) => r.array((inner) => inner.number64()))
          reader.bytesField()
          reader.tags()
          expect(reader.at).toBeLessThanOrEqual(bytes.length)
        } catch (error) {
          expect(error).toEqual(corrupt)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

test('tags that are not known are passed over', () => {
  const reader = new Reader(Buffer.from([2, 7, 3, 1, 2, 3, 9, 1, 42, 5]), true)
  const seen: number[] = []
  reader.tags((tag, r) => {
    if (tag === 9) seen.push(r.int8())
  })
  expect([...seen, reader.int8()]).toEqual([42, 5])
})

describe('the versions of a broker', () => {
  const broker = (ranges: readonly [number, number, number][]) => ({
    ranges: new Map(ranges.map(([key, min, max]) => [key, { min, max }])),
    features: new Map<string, number>(),
  })

  test('decide: the highest that both know, or the cap', () => {
    expect(versionFor('Produce', broker([[0, 3, 11]]), 'b')).toBe(11)
    expect(versionFor('Produce', broker([[0, 3, 13]]), 'b')).toBe(12)
    expect(versionFor('EndTxn', broker([[26, 0, 5]]), 'b', 4)).toBe(4)
  })

  test('older than Kafka 2.5 are refused by name', () => {
    const refused = expect.objectContaining({
      code: 'log.refused',
      message: expect.stringMatching(/2\.5.*TxnOffsetCommit.*kafka:9092/),
    })
    expect(() => versionFor('TxnOffsetCommit', broker([[28, 0, 2]]), 'kafka:9092')).toThrow(refused)
    expect(() => versionFor('TxnOffsetCommit', broker([]), 'kafka:9092')).toThrow(refused)
  })

  test('are read with the features that the cluster has finalised', () => {
    const answer = new Writer(true)
    answer.int16(0).array(1).int16(0).int16(3).int16(12).tags().int32(0)
    const tag = new Writer(true)
    tag.array(1).string('transaction.version').int16(2).int16(2).tags()
    answer.uvarint(1).uvarint(2).uvarint(tag.length)
    const bytes = Buffer.concat([answer.view(), tag.view()])
    const read = apiVersionsExchange('test').read(new Reader(bytes, true), 3)
    expect(read).toMatchObject({
      error: 0,
      ranges: new Map([[0, { min: 3, max: 12 }]]),
      features: new Map([['transaction.version', 2]]),
    })
  })
})
