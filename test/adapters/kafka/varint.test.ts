import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VarintReader, varintBytes, writeVarint } from '../../../src/adapters/kafka/varint.ts'
import { varlongSize, writeVarlong } from '../../../src/core/codec/varlong.ts'

const buffer = Buffer.alloc(16)
const reader = (at = 0) => Object.assign(new VarintReader(), { at })
const corrupt = expect.objectContaining({ code: 'log.corrupt' })

describe('a varint', () => {
  test('of 32 bits is read as it was written, in as many bytes as was said', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const end = writeVarint(buffer, 0, value)
        expect(end).toBe(varintBytes(value))
        const varint = reader()
        expect(varint.int(buffer, end)).toBe(value)
        expect(varint.at).toBe(end)
      }),
    )
  })

  test('of 64 bits is read as it was written, up to the largest whole double', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53, -(2 ** 52) - 1, -8.64e15, -64, -65)),
        (value) => {
          const end = writeVarlong(buffer, 0, value)
          expect(end).toBe(varlongSize(value))
          const varint = reader()
          expect(varint.long(buffer, end)).toBe(value)
          expect(varint.at).toBe(end)
        },
      ),
    )
  })

  test('is refused when it ends beyond its bounds', () => {
    const bytes = Buffer.from([0x80, 0x80, 0x01])
    for (const end of [0, 1, 2]) {
      expect(() => reader().int(bytes, end)).toThrow(corrupt)
      expect(() => reader().long(bytes, end)).toThrow(corrupt)
    }
  })

  test('is refused when it goes on for longer than its type allows', () => {
    expect(() => reader().int(Buffer.alloc(20, 0x80), 20)).toThrow(corrupt)
    expect(() => reader().long(Buffer.alloc(20, 0x80), 20)).toThrow(corrupt)
  })
})
