import { expect, test } from 'vitest'
import { signatureOf } from '../../../src/core/drift/signature.ts'
import { emptyTally, type Tally } from '../../../src/core/drift/tally.ts'

/** One feature, of which so many of 1,000 events have no value. */
function tally(missing: number): Tally {
  const of = { ...emptyTally(1, 4, 2), windows: 4, events: 1000 }
  of.features.missing[0] = missing
  return of
}

/** One event in eight lies where hardly any had been, and the one feature has changed by so much. */
function found(distance: number, isMissing = 0) {
  return { distances: Float64Array.of(distance), isMissing: Uint8Array.of(isMissing), excess: 1 / 8, vanished: 0 }
}

test('a new cluster changes a feature by its share of the events, and by more where most have no value of it', () => {
  expect(signatureOf(tally(0), tally(0), found(0.12))).toBe('newCluster')
  expect(signatureOf(tally(600), tally(600), found(0.3))).toBe('newCluster')
})

test('what changes more than the events that are new is more than a new cluster', () => {
  expect(signatureOf(tally(0), tally(0), found(0.3))).toBeNull()
  expect(signatureOf(tally(600), tally(600), found(0.6))).toBeNull()
  expect(signatureOf(tally(600), tally(600), found(0.3, 1))).toBeNull()
})

test('what changes a feature by more than a third of the events is a change of all, however many are new', () => {
  const withNew = (distance: number) => ({ ...found(distance), excess: 0.34 })
  expect(signatureOf(tally(0), tally(0), withNew(0.34))).toBe('newCluster')
  expect(signatureOf(tally(0), tally(0), withNew(0.37))).toBeNull()
})
