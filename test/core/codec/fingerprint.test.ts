import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintFromBytes, fingerprintOf, fingerprintToBytes } from '../../../src/core/codec/fingerprint.ts'
import type { FeatureInput } from '../../../src/core/features/feature-plan.ts'
import type { FeatureSpec } from '../../../src/core/features/features.ts'
import { feature } from '../features/vectorising.ts'
import { profileFeature } from '../profiles/profiling.ts'

const amount = feature('amount', { kind: 'log' }, { missing: 'reject' })
const hour = feature('at', { kind: 'hourOfDay' })
const colour = feature('colour', { kind: 'oneHot', values: ['red', 'blue'] })
const place = feature('place', { kind: 'hash', buckets: 8 })

/** As an object whose names stand in another order. */
const backwards = { values: ['red', 'blue'], kind: 'oneHot' } as const

function input(features: readonly FeatureSpec[], change: Partial<FeatureInput> = {}): FeatureInput {
  return { id: 'id', time: 'at', timeUnitMs: 1, features, ...change }
}

const ratio = profileFeature('ratio')

const all = [amount, hour, colour, place]
const known = fingerprintOf(input(all), 16)

describe('a fingerprint', () => {
  test('stays what it is in every release: models in the log carry it', () => {
    expect(known).toBe('a9b9b0359feab438')
  })

  test.each<[string, string]>([
    ['the number of clusters', fingerprintOf(input(all), 17)],
    ['the order of features', fingerprintOf(input([hour, amount, colour, place]), 16)],
    ['a feature less', fingerprintOf(input([amount, hour, colour]), 16)],
    ['a feature twice', fingerprintOf(input([...all, place]), 16)],
    ['a field', fingerprintOf(input([{ ...amount, field: 'total' }, hour, colour, place]), 16)],
    ['a transform', fingerprintOf(input([{ ...amount, transform: { kind: 'none' } }, hour, colour, place]), 16)],
    ['a weight', fingerprintOf(input([{ ...amount, weight: 1.5 }, hour, colour, place]), 16)],
    ['what a missing value means', fingerprintOf(input([{ ...amount, missing: 'mean' }, hour, colour, place]), 16)],
    ['declared values', fingerprintOf(input([amount, hour, oneHot('red', 'green'), place]), 16)],
    ['the order of declared values', fingerprintOf(input([amount, hour, oneHot('blue', 'red'), place]), 16)],
    ['where one declared value ends', fingerprintOf(input([amount, hour, oneHot('red,blue'), place]), 16)],
    ['the number of buckets', fingerprintOf(input([amount, hour, colour, buckets(9)]), 16)],
    ['the unit of a time that a feature reads', fingerprintOf(input(all, { timeUnitMs: 1000 }), 16)],
  ])('differs by %s', (_, changed) => {
    expect(changed).not.toBe(known)
  })

  test.each<[string, FeatureSpec]>([
    ['the field itself', feature('amount', { kind: 'none' })],
    ['another kind', profileFeature('zScore')],
    ['another entity', profileFeature('ratio', { entity: 'terminal' })],
    ['another field', { ...profileFeature('ratio', { of: 'total' }) }],
    ['another half-life', profileFeature('ratio', { halfLifeMs: 1000 })],
  ])('of a profile feature differs from that of %s', (_, other) => {
    expect(fingerprintOf(input([other]), 16)).not.toBe(fingerprintOf(input([ratio]), 16))
  })

  test.each<[string, FeatureSpec]>([
    ['the latitude of a speed', profileFeature('kmPerHour', { latitude: 'lat' })],
    ['the longitude of a speed', profileFeature('kmPerHour', { longitude: 'lon' })],
  ])('differs by %s', (_, other) => {
    expect(fingerprintOf(input([other]), 16)).not.toBe(fingerprintOf(input([profileFeature('kmPerHour')]), 16))
  })

  test.each<[string, string]>([
    ['what a feature is called', fingerprintOf(input([{ ...amount, name: 'sum' }, hour, colour, place]), 16)],
    ['which field is the id', fingerprintOf(input(all, { id: 'paymentId' }), 16)],
    ['which field is the time', fingerprintOf(input(all, { time: null }), 16)],
    [
      'how a transform is written',
      fingerprintOf(input([amount, hour, { ...colour, transform: backwards }, place]), 16),
    ],
  ])('is the same whatever is %s', (_, changed) => {
    expect(changed).toBe(known)
  })

  test('does not depend on the unit of time when no feature has one', () => {
    const [ms, s] = [1, 1000].map((timeUnitMs) => fingerprintOf(input([amount, colour], { timeUnitMs }), 16))
    expect(ms).toBe(s)
  })

  test('is eight bytes, there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        expect(fingerprintToBytes(fingerprintFromBytes(bytes))).toEqual(bytes)
      }),
    )
    expect(fingerprintFromBytes(Uint8Array.of(0, 1, 0x0a, 0xff, 0, 0, 0, 9))).toBe('00010aff00000009')
  })
})

function oneHot(...values: string[]): FeatureSpec {
  return { ...colour, transform: { kind: 'oneHot', values } }
}

function buckets(count: number): FeatureSpec {
  return { ...place, transform: { kind: 'hash', buckets: count } }
}
