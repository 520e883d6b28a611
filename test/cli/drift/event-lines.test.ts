import { expect, test } from 'vitest'
import { openDriftLines } from '../../../src/cli/drift/event-lines.ts'
import type { OpenDrift } from '../../../src/runtime/views/drift/present.ts'

const drift: OpenDrift = {
  ...{ id: '1-drift-3', kind: 'drift.qualityDrop', scope: 'segment DE', severity: 'warning', detector: 'segments' },
  ...{ statistic: 0.2, threshold: 0.04, pValue: null, eventsBetweenFalse: 1e7, driftId: '1-drift-3', accepted: null },
  ...{ referenceVersion: 1, currentVersion: 40, detectedAt: 1_000_000, events: 1000, fromTime: -1, toTime: -1 },
  ...{ windows: [{ partition: 2, fromOffset: 10, toOffset: 1010 }], features: [], clusters: [], distributions: [] },
  ...{ reaction: 'none', message: 'events lie farther away', openWindows: 2, returned: 1, settled: 0 },
  segments: [
    { segment: 'DE', share: 0.9, before: 0.3, after: 0.31, unusualBefore: 0.02, unusualAfter: 0.4 },
    { segment: '', share: 0.07, before: 0.1, after: 0.11, unusualBefore: 0.02, unusualAfter: 0.05 },
    { segment: 'FR', share: 0.01, before: 0.2, after: 0.2, unusualBefore: 0.02, unusualAfter: 0.02 },
  ],
}

test('a drift of a segment says which, how many of its events are unusual now, and leaves out those with no part in it', () => {
  const lines = openDriftLines(drift, 'cards', 1_060_000)
  expect(lines[0]).toBe('WARNING: drift.qualityDrop in segment DE')
  expect(lines.filter((line) => line.includes('of its own'))).toEqual([
    '  segments  DE: 30 % → 31 % of the events, far from all clusters 2 % → 40 % of its own',
    '            all others: 10 % → 11 % of the events, far from all clusters 2 % → 5 % of its own',
  ])
})

test('records without a time are placed by their offsets alone', () => {
  const lines = openDriftLines(drift, 'cards', 1_060_000)
  expect(lines).toContain('  where     1,000 events, in cards')
  expect(lines).toContain('            partition 2: offsets 10 to 1,009')
})

test('categories that have changed are told by name, those that changed most, and times of the day as a curve', () => {
  const names = ['web', 'shop', 'phone', 'post', 'fax', 'kiosk', 'agent', 'any other']
  const before = [0.5, 0.2, 0.1, 0.08, 0.05, 0.04, 0.03, 0]
  const after = [0.1, 0.6, 0.1, 0.08, 0.05, 0.04, 0.01, 0.02]
  const channel = { feature: 'channel', kind: 'category', edges: null, names, before, after } as const
  expect(linesBeside('channel', channel)).toEqual([
    'web       50 % █████████████▍ → 10 % ██▋',
    'shop      20 % █████▍ → 60 % ████████████████',
    'phone     10 % ██▋ → 10 % ██▋',
    'post      8 % ██▏ → 8 % ██▏',
    'agent     3 % ▊ → 1 % ▎',
    'any other 0 % → 2 % ▌',
    'and 2 others that have changed less',
  ])
  const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`)
  const flat = hours.map(() => 1 / 24)
  const hour = { feature: 'hour', kind: 'phase', edges: null, names: hours, before: flat, after: flat } as const
  expect(linesBeside('hour', hour)[2]).toBe('       from 00:00 on the left to 23:00 on the right, UTC')
})

function linesBeside(name: string, distribution: OpenDrift['distributions'][number]): readonly string[] {
  const lines = openDriftLines({ ...drift, distributions: [distribution] }, 'cards', 1_060_000)
  const from = lines.findIndex((line) => line.startsWith(`  ${name}`))
  const to = lines.findIndex((line) => line.startsWith('  segments'))
  return lines.slice(from, to).map((line) => line.slice(12))
}
