import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupsOf, idOf } from '../../console/src/anomalies/groups.ts'
import type { AnomalyView } from '../../src/runtime/views/anomaly-view.ts'

function anomaly(offset: number, key: string | null, feature: string, cluster: number): AnomalyView {
  return {
    eventId: `e${offset}`,
    key,
    partition: 0,
    offset,
    atMs: 1e6 - offset,
    cluster,
    distance: 1,
    score: 1,
    rarity: 0,
    threshold: 0.99,
    remoteness: 1,
    modelVersion: 1,
    fingerprint: '',
    warmUp: false,
    secondCluster: null,
    secondDistance: null,
    contributions: [{ feature, value: 1, expected: 0, spread: 1, share: 1 }],
    sentence: '',
  }
}

test('those of one entity are one group, and three of one cause are, too', () => {
  const groups = groupsOf([
    anomaly(0, 'anna', 'amount', 1),
    anomaly(1, 'ben', 'hour', 2),
    anomaly(2, 'anna', 'hour', 3),
    anomaly(3, 'cleo', 'hour', 2),
    anomaly(4, 'dora', 'hour', 2),
    anomaly(5, null, 'amount', 7),
  ])
  expect(groups.map(({ kind, name, anomalies }) => [kind, name, anomalies.length])).toEqual([
    ['entity', 'anna', 2],
    ['cause', 'hour near cluster 2', 3],
    ['single', '0-5', 1],
  ])
})

test('each anomaly is in one group, and groups stand in the order of their newest', () => {
  const some = fc.array(fc.tuple(fc.option(fc.constantFrom('a', 'b', 'c')), fc.constantFrom('x', 'y'), fc.nat(2)), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(some, (drawn) => {
      const anomalies = drawn.map(([key, feature, cluster], i) => anomaly(i, key, feature, cluster))
      const groups = groupsOf(anomalies)
      const all = groups.flatMap((group) => group.anomalies.map(idOf))
      expect(all.toSorted()).toEqual(anomalies.map(idOf).toSorted())
      const newest = groups.map((group) => group.anomalies[0].offset)
      expect(newest).toEqual(newest.toSorted((a, b) => a - b))
    }),
  )
})
