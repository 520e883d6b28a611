import { expect, test } from 'vitest'
import { qualityLines } from '../../src/cli/quality-text.ts'
import type { QualityRecord } from '../../src/core/quality/quality.ts'

const record: QualityRecord = {
  version: 1204,
  trainedEvents: 1_204_000,
  rows: 4000,
  effectiveRows: 2000,
  silhouette: 0.2414,
  silhouetteVariance: 0.04,
  daviesBouldin: 1.31,
  unexplained: 0.4123,
  refitRatio: 1.0312,
  refitted: true,
  stability: 0.951,
  comparedVersion: 1073,
  smallest: 0.0041,
  median: 0.05,
  largest: 0.1412,
  effective: 13.24,
  empty: 0,
  starved: 1,
}

test('the quality of a version is three lines', () => {
  expect(qualityLines(record)).toEqual([
    'quality of version 1,204, after 1,204,000 events, by a sample of 4,000:',
    '  simplified silhouette 0.241, Davies-Bouldin 1.310, variance left 41.2 %, beside a refit 1.031 (taken), agreement with version 1,073 0.951',
    '  shares from 0.41 % over 5 % to 14.1 %, as even as 13.2 clusters; 0 empty, 1 starved',
  ])
})

test('what cannot be told of it is a dash, or left out where there was nothing to compare with', () => {
  const none = { silhouette: null, daviesBouldin: null, refitRatio: null, stability: null, comparedVersion: null }
  expect(qualityLines({ ...record, ...none })[1]).toBe(
    '  simplified silhouette –, Davies-Bouldin –, variance left 41.2 %',
  )
})
