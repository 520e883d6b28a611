import { expect, test } from 'vitest'
import { agoText, timeText } from '../../../src/cli/drift/times.ts'

test('a time is in UTC, to the second', () => {
  expect(timeText(Date.UTC(2026, 0, 31, 3, 4, 5, 678))).toBe('2026-01-31 03:04:05Z')
})

test('what no calendar has is a dash', () => {
  for (const ms of [null, Number.NaN, 9e15]) expect(timeText(ms)).toBe('–')
})

test.each([
  [0, 'now'],
  [-5000, 'now'],
  [999, 'now'],
  [59_999, '59 s ago'],
  [60_000, '1 min ago'],
  [7_200_000, '2 h ago'],
  [86_400_000 * 3, '3 d ago'],
])('%i ms is %s', (ms, text) => {
  expect(agoText(1e12 - ms, 1e12)).toBe(text)
})
