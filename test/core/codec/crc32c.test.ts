import { crc32c as native } from '@node-rs/crc32'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../src/core/codec/crc32c.ts'

describe('crc32c', () => {
  test.each([
    // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
    ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0],
    ['32 zero bytes', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 … 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ])('of %s is the published value', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected)
  })

  test('is what the native implementation gives, on any range', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, a, b) => {
        const [from, to] = [a, b].map((at) => Math.min(at, bytes.length)).sort((x, y) => x - y)
        expect(crc32c(bytes, from, to)).toBe(native(Buffer.from(bytes.subarray(from, to))))
      }),
    )
  })
})
