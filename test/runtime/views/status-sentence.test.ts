import { describe, expect, test } from 'vitest'
import { gravest, type StatusFacts, sentenceText, statusSentence } from '../../../src/runtime/views/status-sentence.ts'

const model = { version: 1204, trainedEvents: 5e6, k: 16, budget: 0.005, anomalyShare: 0.0049, frozen: false }
const well: StatusFacts = {
  state: 'serving',
  reasons: [],
  model,
  birth: null,
  role: null,
  throughput: { eventsPerSecond: 48_210.4, writtenPerSecond: 48_000 },
  lag: { events: 15_000, seconds: 0.31 },
  drifts: { open: 0, severity: null },
}

const graveIn = (facts: Partial<StatusFacts>) => {
  const parts = statusSentence({ ...well, ...facts })
  return [gravest(parts), ...parts.filter(({ gravity }) => gravity !== 'well').map(({ text }) => text)]
}

test('a process that is well is one sentence, and nothing in it is grave', () => {
  const parts = statusSentence(well)
  expect(sentenceText(parts)).toBe(
    'Serving version 1,204 · 48,210 events/s · 0.3 s behind · 16 clusters · 0.49 % anomalous (budget 0.5 %) · no drift',
  )
  expect(gravest(parts)).toBe('well')
})

test('a deployment beside another one says how it stands to it', () => {
  const said = (role: StatusFacts['role']) => statusSentence({ ...well, role })[0]
  const primary = { primaryOf: 4, partitions: 4, shadows: [] }
  expect(said(primary)).toEqual({ gravity: 'well', text: 'Serving version 1,204 as the primary' })
  const shadow = { primaryOf: 0, partitions: 4, shadows: ['blue'] }
  expect(said(shadow).text).toBe('Serving version 1,204 in the shadow of blue')
  expect(said({ ...shadow, primaryOf: 1 }).text).toBe(
    'Serving version 1,204 as the primary of 1 of 4 partitions, else in the shadow of blue',
  )
})

describe('the sentence says what is grave, and how grave', () => {
  test.each<[string, Partial<StatusFacts>, readonly string[]]>([
    [
      'a dependency that is away',
      { state: 'degraded', reasons: ['redis: refused'] },
      ['bad', 'Degraded: redis: refused'],
    ],
    ['a start', { state: 'starting' }, ['look', 'Starting']],
    [
      'learning that stands still',
      { model: { ...model, frozen: true } },
      ['look', 'Serving version 1,204, learning stands still'],
    ],
    ['a lag of half a minute', { lag: { events: 2e6, seconds: 31 } }, ['look', '31 s behind (2,000,000 events)']],
    ['a lag of a minute', { lag: { events: 2e6, seconds: 61 } }, ['bad', '61 s behind (2,000,000 events)']],
    ['a lag that nobody knows', { lag: { events: null, seconds: null } }, ['look', 'lag not known']],
    [
      'three times the budget',
      { model: { ...model, anomalyShare: 0.016 } },
      ['look', '1.6 % anomalous (budget 0.5 %)'],
    ],
    ['a fifth of the budget', { model: { ...model, anomalyShare: 0.001 } }, ['look', '0.1 % anomalous (budget 0.5 %)']],
    ['a drift', { drifts: { open: 1, severity: 'warning' } }, ['look', '1 drift open, warning']],
    ['a critical drift', { drifts: { open: 2, severity: 'critical' } }, ['bad', '2 drifts open, critical']],
  ])('%s', (_, facts, said) => {
    expect(graveIn(facts)).toEqual(said)
  })

  test('a group that stands still with events to read', () => {
    const throughput = { eventsPerSecond: 0, writtenPerSecond: 100 }
    expect(graveIn({ throughput, lag: { events: 1200, seconds: 12 } })).toEqual([
      'bad',
      '0 events/s',
      '12 s behind (1,200 events)',
    ])
    expect(graveIn({ throughput, lag: { events: 0, seconds: 0 } })).toEqual(['well'])
  })

  test('no share of the budget before there are enough events to say so', () => {
    expect(graveIn({ model: { ...model, trainedEvents: 1000, anomalyShare: 0 } })).toEqual(['well'])
  })

  test('a model that is still to be born', () => {
    const waiting = { ...well, state: 'waiting for a model', model: null } as const
    expect(sentenceText(statusSentence({ ...waiting, birth: { events: 1234, of: 5000 } }))).toMatch(
      /^Waiting for a model: 1,234 of 5,000 events · /,
    )
    expect(statusSentence(waiting)[0]).toEqual({ gravity: 'look', text: 'Waiting for a model' })
  })
})
