import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDeeperThan } from '../../../src/core/fields/json-depth.ts'

function deeper(limit: number, text: string): boolean {
  const bytes = new TextEncoder().encode(text)
  return isDeeperThan(limit, bytes, 0, bytes.length)
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('isDeeperThan', () => {
  test('is true exactly below the depth of the value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const depth = depthOf(JSON.parse(text))
        expect(deeper(depth, text)).toBe(false)
        expect(deeper(depth - 1, text)).toBe(depth > 0)
      }),
    )
  })

  test.each([
    ['brackets in a string', '["[[[{{{"]', false],
    ['an escaped quote', '["\\"[[["]', false],
    ['an escaped backslash before the quote', '["\\\\",[[1]]]', true],
    ['a string that never ends', '["[[[', false],
    ['a backslash at the very end', '["\\', false],
    ['siblings', '[[],[],[],{}]', false],
  ])('with %s', (_, text, expected) => {
    expect(deeper(2, text)).toBe(expected)
  })
})
