import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAscii, isUtf8 } from '../../../src/core/fields/utf8.ts'

/** The platform's own strict decoder. */
function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function agrees(bytes: Uint8Array): void {
  expect(isUtf8(bytes, 0, bytes.length)).toBe(decodes(bytes))
}

describe('isUtf8', () => {
  test('agrees with a strict decoder on every lead byte with every kind of second byte', () => {
    const continuations = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
    for (let lead = 0; lead < 256; lead++) {
      for (const second of continuations) {
        for (const rest of [[], [0x80], [0x80, 0x80], [0xbf, 0xc0], [0x80, 0x41]])
          agrees(Uint8Array.of(lead, second, ...rest))
      }
      agrees(Uint8Array.of(lead))
    }
  })

  test('agrees with a strict decoder on random bytes and on damaged texts', () => {
    fc.assert(fc.property(fc.uint8Array(), agrees))
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.nat(), fc.nat(255), (text, at, byte) => {
        const bytes = new TextEncoder().encode(text)
        agrees(bytes)
        bytes[at % bytes.length] = byte
        agrees(bytes)
      }),
    )
  })

  test('a character that goes on beyond the range is cut short', () => {
    const bytes = new TextEncoder().encode('aé')
    expect(isUtf8(bytes, 0, 3)).toBe(true)
    expect(isUtf8(bytes, 0, 2)).toBe(false)
    expect(isUtf8(bytes, 0, 1)).toBe(true)
  })

  test('isAscii is true of ranges without a high byte, wherever they lie', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 65, 127, 128), { maxLength: 12 }), fc.nat(3), (range, before) => {
        const bytes = Uint8Array.of(...new Array(before).fill(255), ...range, 255)
        const view = new DataView(bytes.buffer)
        expect(isAscii(view, before, before + range.length)).toBe(!range.includes(128))
      }),
    )
  })
})
