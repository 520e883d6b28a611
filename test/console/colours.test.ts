import fc from 'fast-check'
import { expect, test } from 'vitest'
import { colouredIds, colourOf } from '../../console/src/colours.ts'

const ids = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 64 })

test('at most eight clusters show their colour, and no two the same', () => {
  fc.assert(
    fc.property(ids, (all) => {
      const coloured = [...colouredIds(all)]
      expect(coloured.length).toBeLessThanOrEqual(8)
      expect(new Set(coloured.map((id) => colourOf(id, true))).size).toBe(coloured.length)
    }),
  )
})

test('a cluster that shows its colour does so for life, whoever is born or dies beside it', () => {
  fc.assert(
    fc.property(ids, fc.nat(63), fc.nat(63), (all, staying, dying) => {
      const id = all[staying % all.length]
      const other = all[dying % all.length]
      const later = [...all.filter((each) => each !== other || each === id), 1001 + staying]
      if (colouredIds(all).has(id)) expect(colouredIds(later).has(id)).toBe(true)
    }),
  )
})

test('one that shows none is grey', () => {
  expect(colourOf(9, false)).toBe('--cluster-grey')
})
