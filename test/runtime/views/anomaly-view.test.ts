import { expect, test } from 'vitest'
import { anomalySentence } from '../../../src/runtime/views/anomaly-view.ts'

const of = (
  feature: string,
  value: number | string | null,
  expected: number | string | null,
  share = 0.5,
): Parameters<typeof anomalySentence>[0][number] => ({ feature, value, expected, spread: null, share })

test.each([
  [[of('amount', 1240, 86)], 'amount 1,240 where 86 is usual (14.4 times as much)'],
  [[of('amount', 8, 86)], 'amount 8 where 86 is usual (10.8 times less)'],
  [[of('amount', 90, 86)], 'amount 90 where 86 is usual'],
  [[of('balance', -5, 86)], 'balance -5 where 86 is usual'],
  [[of('country', 'NO', 'DE')], 'country NO where DE is usual'],
  [[of('country', 'NO', null)], 'country NO, which is not usual'],
  [[of('device', null, 'phone')], 'device is missing where phone is usual'],
  [[of('device', null, null)], 'device is missing'],
  [
    [of('a', 1, 9, 0.8), of('b', 2, 9, 0.15), of('c', 3, 9, 0.05)],
    'a 1 where 9 is usual (9 times less); b 2 where 9 is usual (4.5 times less)',
  ],
  [[of('a', 1, 1, 0.05)], 'a 1 where 1 is usual'],
  [[of('a', 1e300, 1e-300)], 'a 1.00e+300 where 1.00e-300 is usual'],
  [[], ''],
])('%# reads as a sentence', (contributions, sentence) => {
  expect(anomalySentence(contributions)).toBe(sentence)
})
