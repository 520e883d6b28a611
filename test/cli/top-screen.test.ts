import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Moment, screenLines } from '../../src/cli/top/screen.ts'

const cluster = (id: number, share: number): Moment['clusters'][number] => ({
  id,
  share,
  weight: 1000 * share,
  spread: 1,
  bornVersion: 1,
  shapedVersion: 1,
  parents: [],
  centroid: [],
  standsOut: [
    { feature: 'amount', value: 1240, whole: 86.4, spreads: 3, category: null },
    {
      feature: 'channel',
      value: 'web',
      whole: 'web',
      spreads: 1,
      category: { name: 'atm', share: 0.9, wholeShare: 0.1 },
    },
  ],
})

function momentOf(shares: readonly number[], said: string): Moment {
  return {
    status: {
      name: said,
      release: '1.0.0',
      atMs: 1_760_000_000_000,
      state: 'serving',
      ready: true,
      reasons: [],
      notices: [],
      model: {
        version: 7,
        publishedAtMs: 0,
        trainedEvents: 1000,
        k: shares.length,
        budget: 0.005,
        anomalyShare: null,
        frozen: false,
      },
      role: null,
      birth: null,
      throughput: { eventsPerSecond: 12, writtenPerSecond: 12 },
      lag: { events: 0, seconds: 0 },
      drifts: { open: 0, severity: null },
      dependencies: [],
    },
    features: [{ name: 'amount', kind: 'number' }],
    clusters: shares.map((share, i) => cluster(i, share)),
    anomalies: [
      {
        ...{ eventId: 'e1', key: said, partition: 0, offset: 1, atMs: 1_760_000_000_000, cluster: 1, distance: 9 },
        ...{ score: 0.9991, rarity: 0.0009, threshold: 0.995, remoteness: 40, modelVersion: 7, fingerprint: 'ab' },
        ...{ warmUp: false, secondCluster: null, secondDistance: null, contributions: [], sentence: `amount ${said}` },
      },
    ],
    drifts: [{ kind: 'drift.sudden', severity: 'critical', message: said }],
  }
}

const trail = { eventsPerSecond: [null, 3, 12], lagSeconds: [0, 0.5, 0] }
const paper = { width: 120, height: 40, colours: false }

test('the screen fits the terminal, and nobody’s text moves the cursor', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 5, max: 60 }),
      (shares, said, width, height) => {
        const lines = screenLines(momentOf(shares, said), trail, { width, height, colours: false })
        expect(lines.length).toBeLessThanOrEqual(height)
        expect(lines.filter((line) => [...line].length > width)).toEqual([])
        expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([])
      },
    ),
  )
})

test('the screen has the clusters with bars of their shares, the largest first, and what stands out in them', () => {
  const lines = screenLines(momentOf([0.25, 0.75], 'cards'), trail, paper)
  const rows = lines.filter((line) => line.includes('██'))
  expect(rows[0]).toMatch(/^ {5}1 █{24} {4}75 % {2}amount 1,240 \(86\.4\), channel atm 90 % \(10 %\)$/)
  expect(rows[1]).toMatch(/^ {5}0 █{8} +25 %/)
})

test('the screen says of clusters that have no room how many they are', () => {
  const lines = screenLines(
    momentOf(
      Array.from({ length: 50 }, () => 0.02),
      'cards',
    ),
    trail,
    { ...paper, height: 24 },
  )
  expect(lines.some((line) => /^ +\d+ more clusters, together \d+ %$/.test(line))).toBe(true)
  expect(lines.at(-1)).toContain('amount cards')
})

test('the screen has the rate and the lag as they went, drifts and anomalies', () => {
  const text = screenLines(momentOf([1], 'cards'), trail, paper).join('\n')
  expect(text).toContain('12 events/s  ·▂█')
  expect(text).toContain('0.0 s behind  ·█·')
  expect(text).toContain('Open drifts\n  CRITICAL drift.sudden: cards')
  expect(text).toContain('Last anomalies\n  2025-10-09 08:53:20Z  cards        0.9991  amount cards')
})

test('a colour is used only where it is asked for, and says nothing that the words do not', () => {
  const moment = momentOf([1], 'cards')
  const plain = screenLines(moment, trail, paper)
  const coloured = screenLines(moment, trail, { ...paper, colours: true })
  expect(coloured.join('\n')).toContain('\u001b[32m')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for.
  expect(coloured.map((line) => line.replace(/\u001b\[[0-9;]*m/g, ''))).toEqual(plain)
})
