import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyShare } from '../../src/stages/key-share.ts'

/** One record for each key; null: without. */
function keyed(keys: readonly (string | null)[]) {
  const bytes = Buffer.from(keys.join(''))
  const keyLength = Int32Array.from(keys, (key) => (key === null ? -1 : Buffer.byteLength(key)))
  let at = 0
  const keyStart = keyLength.map((length) => {
    const start = at
    at += Math.max(0, length)
    return start
  })
  return { bytes, keyStart, keyLength }
}

/** How many of each key are admitted. */
function admitted(most: number, keys: readonly (string | null)[]): Map<string | null, number> {
  const share = new KeyShare(most)
  const records = keyed(keys)
  const counts = new Map<string | null, number>()
  keys.forEach((key, i) => {
    if (share.admits(records, i)) counts.set(key, (counts.get(key) ?? 0) + 1)
  })
  return counts
}

describe('a share for keys', () => {
  test('holds one that sends a tenth of the events to a hundredth of what is learned, and bars no other', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => (i % 10 === 0 ? 'many' : `k${i % 3001}`))
    const counts = admitted(0.01, keys)
    const learned = [...counts.values()].reduce((sum, count) => sum + count, 0)
    expect(counts.get('many')).toBeLessThanOrEqual(0.012 * learned)
    expect(counts.get('many')).toBeGreaterThan(0.008 * learned)
    expect(learned - counts.get('many')!).toBe(45_000)
  })

  test('lets a key in again when it has become rare', () => {
    const share = new KeyShare(0.01)
    const rare = keyed(Array.from({ length: 30_000 }, (_, i) => `k${i}`))
    const one = keyed(['one'])
    while (share.admits(one, 0));
    expect(share.admits(one, 0)).toBe(false)
    for (let i = 0; i < 30_000; i++) share.admits(rare, i)
    expect(share.admits(one, 0)).toBe(true)
  })

  test('admits what has no key, and a few of any key', () => {
    expect(
      admitted(
        0.01,
        Array.from({ length: 1000 }, () => null),
      ).get(null),
    ).toBe(1000)
    expect(
      admitted(
        1e-9,
        Array.from({ length: 1000 }, () => 'one'),
      ).get('one'),
    ).toBe(8)
  })

  test('of everything bars nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 100 }), (keys) => {
        expect([...admitted(1, keys).values()].reduce((sum, count) => sum + count, 0)).toBe(keys.length)
      }),
    )
  })
})
