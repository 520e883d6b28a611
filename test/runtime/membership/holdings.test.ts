import { expect, test } from 'vitest'
import { Holdings } from '../../../src/runtime/membership/holdings.ts'

test('a partition is where it was left when the group has the position that was found, or none where there was none', () => {
  const holdings = new Holdings()
  holdings.add(0, 7, true)
  holdings.add(1, 7, false)
  expect([holdings.isWhereLeft(0, 7), holdings.isWhereLeft(0, 8), holdings.isWhereLeft(0, undefined)]).toEqual([
    true,
    false,
    false,
  ])
  // Another's birth commits the position that it began from: the same number, but of another's making.
  expect([holdings.isWhereLeft(1, undefined), holdings.isWhereLeft(1, 7)]).toEqual([true, false])
})

test('a partition is where it was left when it is where an own transaction moves it, or has moved it', () => {
  const holdings = new Holdings()
  holdings.add(0, 7, false)
  holdings.stage(new Map([[0, 9]]))
  expect([holdings.isWhereLeft(0, 9), holdings.isWhereLeft(0, 8)]).toEqual([true, false])
  holdings.unstage()
  expect(holdings.isWhereLeft(0, 9)).toBe(false)
  holdings.commit(new Map([[0, 9]]))
  expect([holdings.isWhereLeft(0, 9), holdings.isWhereLeft(0, undefined)]).toEqual([true, false])
})
