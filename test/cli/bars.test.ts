import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bar, columns } from '../../src/cli/bars.ts'

const anyNumber = fc.double()

test('a bar is as long as the share of the largest, to an eighth of a character', () => {
  expect(bar(1, 2, 4)).toBe('██')
  expect(bar(5, 16, 4)).toBe('█▎')
  expect(bar(2, 2, 4)).toBe('████')
})

test('a bar is never longer than its width, whatever it is of', () => {
  fc.assert(
    fc.property(anyNumber, anyNumber, (value, most) => {
      expect([...bar(value, most, 8)].length).toBeLessThanOrEqual(8)
    }),
  )
})

test('of what is largest the column is full, of the least part of it the lowest, and of nothing a dot', () => {
  expect(columns([8, 4, 0.001, 0], 8)).toBe('█▄▁·')
})

test('there is a column for each value, whatever the values are', () => {
  fc.assert(
    fc.property(fc.array(anyNumber), anyNumber, (values, most) => {
      expect([...columns(values, most)]).toHaveLength(values.length)
      expect(columns(values, most)).not.toContain('undefined')
    }),
  )
})
