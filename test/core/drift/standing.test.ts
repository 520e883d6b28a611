import { expect, test } from 'vitest'
import { featureDistances, openFindings, standings } from '../../../src/core/drift/standing.ts'
import { DriftStream } from './drift-stream.ts'

function of(stream: DriftStream, wanted: string) {
  const found = standings(stream.model.drift).find(({ detector }) => detector === wanted)
  if (found === undefined) throw new Error(`${wanted} must stand somewhere`)
  return found
}

test('before the first window nothing stands anywhere', () => {
  expect(standings(new DriftStream(1).observe(900, {}, 100).model.drift)).toEqual([])
})

test('where nothing changes every detector stands below its threshold, and no drift is open', () => {
  const stream = new DriftStream(1).observe(20_000)
  const all = standings(stream.model.drift)
  expect(all.map(({ detector }) => detector)).toEqual(['features', 'shares', 'fit', 'centroids', 'anomalies'])
  for (const { statistic, threshold } of all) expect(statistic).toBeLessThan(threshold / 2)
  expect(openFindings(stream.model.drift)).toEqual([])
})

test('a shift of one feature stands above the threshold, in that feature, and is open until it is over', () => {
  const stream = new DriftStream(1).observe(20_000).observe(2000, { shift: { 5: 1 } })
  const { drift } = stream.model
  const { statistic, threshold } = of(stream, 'features')
  expect(statistic).toBeGreaterThan(threshold)
  expect(featureDistances(drift).indexOf(statistic)).toBe(5)
  expect(openFindings(drift)).toEqual(stream.findings)
  stream.observe(10_000)
  expect(stream.kinds()).toEqual(['featureOnly', 'cleared'])
  expect(openFindings(drift)).toEqual([])
  expect(of(stream, 'features').statistic).toBeLessThan(threshold / 2)
})

test('events far from all places raise the wealth of the fit above what it needs', () => {
  const stream = new DriftStream(2).observe(20_000).observe(4000, { far: 0.1 })
  const { statistic, threshold } = of(stream, 'fit')
  expect(statistic).toBeGreaterThan(threshold)
})
