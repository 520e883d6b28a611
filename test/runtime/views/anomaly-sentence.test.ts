import { expect, test } from 'vitest'
import { anomalySentence } from '../../../src/runtime/views/anomaly-sentence.ts'
import { feature, planOf } from '../../core/features/vectorising.ts'

const plan = planOf([
  feature('amount', { kind: 'log' }),
  feature('a', { kind: 'auto' }),
  feature('b', { kind: 'squash' }),
  feature('longitude', { kind: 'none' }),
  feature('paidAt', { kind: 'hourOfDay' }),
  feature('day', { kind: 'dayOfWeek' }),
])

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
  [[of('amount', -5, 86)], 'amount -5 where 86 is usual'],
  [[of('longitude', 55.3, 9.58)], 'longitude 55.3 where 9.58 is usual'],
  [[of('paidAt', 1.81, 11.4)], 'paidAt 1:48 where 11:24 is usual'],
  [[of('paidAt', 23.9999, 0)], 'paidAt 23:59 where 0:00 is usual'],
  [[of('day', 6.5, 2)], 'day Sunday where Wednesday is usual'],
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
  expect(anomalySentence(contributions, plan)).toBe(sentence)
})
