import { expect, test } from 'vitest'
import { binNames } from '../../../src/core/features/bin-names.ts'
import { birthBins } from '../../../src/core/features/feature-bins.ts'
import type { Transform } from '../../../src/core/features/features.ts'
import { feature, planOf } from './vectorising.ts'

/** The names of the bins that a birth gives a feature. */
function namesOf(transform: Transform): readonly string[] | null {
  const plan = planOf([feature('x', transform)])
  const { from } = birthBins(plan, new Float64Array(plan.columns.length), 1)
  return binNames(plan.features[0], from[1])
}

test('a bin of a category has its name, and the last one what is not declared', () => {
  expect(namesOf({ kind: 'oneHot', values: ['red', 'blue'] })).toEqual(['red', 'blue', 'any other'])
  expect(namesOf({ kind: 'hash', buckets: 3 })).toEqual(['bucket 0', 'bucket 1', 'bucket 2'])
  expect(namesOf({ kind: 'boolean' })).toEqual(['false', 'true'])
})

test('a bin of a time is called by when it begins', () => {
  const hours = namesOf({ kind: 'hourOfDay' }) ?? []
  expect([hours.length, hours[0], hours[23]]).toEqual([24, '00:00', '23:00'])
  const week = namesOf({ kind: 'dayOfWeek' }) ?? []
  expect([week.length, week[0], week[1], week[27]]).toEqual([28, 'Mon 00:00', 'Mon 06:00', 'Sun 18:00'])
})

test('the bins of a number have edges instead', () => {
  expect(namesOf({ kind: 'log' })).toBeNull()
})
