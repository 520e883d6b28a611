import { describe, expect, test } from 'vitest'
import { fnv1a32, fnv1a64, fnv1a64Bytes } from '../../../src/core/features/fnv.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('FNV-1a', () => {
  test.each([
    // Test vectors of draft-eastlake-fnv.
    ['', 0x811c9dc5, 'cbf29ce484222325'],
    ['a', 0xe40c292c, 'af63dc4c8601ec8c'],
    ['foobar', 0xbf9cf968, '85944171f73967e8'],
  ])('of "%s" is the published value', (text, bits32, bits64) => {
    expect(fnv1a32(bytes(text))).toBe(bits32)
    expect(fnv1a64(bytes(text))).toBe(bits64)
    expect(Buffer.from(fnv1a64Bytes(bytes(text))).toString('hex')).toBe(bits64)
  })

  test('a range hashes as its own bytes do', () => {
    expect(fnv1a32(bytes('xxfoobarx'), 2, 8)).toBe(0xbf9cf968)
  })
})
