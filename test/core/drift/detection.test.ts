import { describe, expect, test } from 'vitest'
import { encodeModel } from '../../../src/core/codec/model-codec.ts'
import { readBack } from '../model/read-back.ts'
import { type Change, DriftStream } from './drift-stream.ts'

const dayEvents = 24_000
const msPerEvent = 86_400_000 / dayEvents

/** As `far` or `shift` grow from nothing at `at` to all at `at + over`. */
function growing(at: number, over: number, of: number): (event: number) => Change {
  return (event) => {
    const gone = Math.min(1, Math.max(0, (event - at) / over))
    return { shift: { 1: of * gone, 2: of * gone, 3: of * gone } }
  }
}

describe('where nothing changes', () => {
  test('nothing is found in two million events', () => {
    const stream = new DriftStream(1).observe(2_000_000)
    expect(stream.findings).toEqual([])
  }, 120_000)

  test('nor in batches of another size than the windows', () => {
    for (const size of [37, 2500]) expect(new DriftStream(2).observe(100_000, {}, size).findings).toEqual([])
  }, 60_000)
})

describe('a shift of one deviation', () => {
  test.each([0, 300, 500, 700, 999])(
    'of one feature, %i events into a window, is found within 2,000 events, and is of that feature alone',
    (into) => {
      const at = 20_000 + into
      const stream = new DriftStream(3 + into).observe(23_000, (event) => (event < at ? {} : { shift: { 5: 1 } }))
      const [finding] = stream.findings
      expect(finding.kind).toBe('featureOnly')
      expect(finding.ranges[0].to - at).toBeLessThanOrEqual(2000)
      expect(finding.features[0].feature).toBe(5)
      expect(finding.statistic).toBeGreaterThan(finding.threshold)
      expect(finding.pValue).toBeLessThan(1e-7)
      expect(stream.findings).toHaveLength(1)
    },
  )

  test('of three features is sudden, and names them with what was and what is', () => {
    const stream = new DriftStream(4).observe(20_000).observe(2000, { shift: { 1: 1, 4: -1, 6: 1 } })
    const [{ kind, features }] = stream.findings
    expect(kind).toBe('sudden')
    expect(
      features
        .slice(0, 3)
        .map(({ feature }) => feature)
        .sort(),
    ).toEqual([1, 4, 6])
    const risen = features.find(({ feature }) => feature === 1)!
    expect(Math.abs(risen.before)).toBeLessThan(0.1)
    expect(Math.abs(risen.after - 1)).toBeLessThan(0.2)
    expect(Math.abs(risen.transport - 1)).toBeLessThan(0.2)
  })

  test('of three fifths of it, with which a window is full, is found with that window', () => {
    const at = 20_900
    const stream = new DriftStream(16).observe(22_000, (event) => (event < at ? {} : { shift: { 5: 0.6 } }))
    expect(stream.findings).toMatchObject([{ kind: 'featureOnly', detector: 'features', ranges: [{ to: 22_000 }] }])
    expect(stream.findings[0].statistic).toBeLessThan(1.3 * stream.findings[0].threshold)
  })

  test('over 20,000 events is gradual', () => {
    const stream = new DriftStream(5).observe(45_000, growing(20_000, 20_000, 1))
    expect(stream.kinds()[0]).toBe('gradual')
    expect(stream.findings[0].ranges[0].to).toBeLessThan(36_000)
  })
})

describe('a drift', () => {
  test('that stays is accepted: it is closed by its number, and what is now is found no more', () => {
    const stream = new DriftStream(6).observe(20_000).observe(60_000, { shift: { 2: 1.5 } })
    expect(stream.findings.map(({ number, kind, accepted }) => [number, kind, accepted])).toEqual([
      [1, 'featureOnly', false],
      [1, 'cleared', true],
    ])
  })

  test('that goes away is closed as such', () => {
    const stream = new DriftStream(7)
      .observe(20_000)
      .observe(3000, { shift: { 2: 1.5 } })
      .observe(20_000)
    expect(stream.findings.map(({ number, kind, accepted }) => [number, kind, accepted])).toEqual([
      [1, 'featureOnly', false],
      [1, 'cleared', false],
    ])
  })

  test('back to what once was is recurring, and when it has come and gone often enough no drift', () => {
    const stream = new DriftStream(8).observe(20_000)
    for (let turn = 0; turn < 5; turn++) stream.observe(15_000, { shift: { 2: 1.5 } }).observe(15_000)
    const raised = stream.kinds().filter((kind) => kind !== 'cleared')
    expect(raised.slice(0, 2)).toEqual(['featureOnly', 'recurring'])
    expect(new Set(raised.slice(1))).toEqual(new Set(['recurring']))
    expect(stream.findings.filter(({ ranges }) => ranges[0].to > 120_000)).toEqual([])
  })

  test('of what is missing is seen by the share that is missing', () => {
    const stream = new DriftStream(9).observe(20_000).observe(3000, { missing: 0.4 })
    expect(stream.findings[0]).toMatchObject({ kind: 'featureOnly', detector: 'missing' })
    const [{ missingBefore, missingAfter }] = stream.findings[0].features
    expect([missingBefore, Math.abs(missingAfter - 0.4) < 0.1]).toEqual([0, true])
  })
})

describe('a change of one place', () => {
  test('with events where none had been is a new cluster', () => {
    const stream = new DriftStream(10).observe(20_000).observe(6000, { far: 0.1 })
    expect(stream.kinds()).toEqual(['newCluster'])
  })

  test('that no events come to any more is a lost cluster', () => {
    const stream = new DriftStream(11).observe(20_000).observe(8000, { lost: 3 })
    expect(stream.kinds()).toEqual(['lostCluster'])
    // A tenth, less what the reference learned of the stream before the loss was beyond chance.
    expect(stream.findings[0].clusters[0].before).toBeGreaterThan(0.07)
  })

  test('that upkeep gives a cluster of its own is a new one, though nothing lies far any more; not without that', () => {
    for (const [kind, told] of [
      ['born', ['newCluster']],
      ['died', []],
    ] as const) {
      const stream = new DriftStream(17).observe(20_000).observe(2000, { far: 0.1 })
      const changes = [{ version: stream.model.version, kind, id: 99, weight: 200, relatives: [] }]
      Object.assign(stream.model.upkeep, { changes })
      expect(stream.observe(1000).kinds()).toEqual(told)
    }
  })

  test('is not told of where the hour is among the features: places come and go with it', () => {
    const { model } = new DriftStream(11)
    const timed = { ...model, drift: { ...model.drift, kinds: model.drift.kinds.with(-1, 'phase') } }
    const stream = new DriftStream(11, timed).observe(20_000).observe(8000, { lost: 3 })
    expect(stream.kinds()).toEqual([])
  })

  test('most events far from all places, with features as they were, is a drop of the quality', () => {
    const stream = new DriftStream(12).observe(20_000).observe(6000, { far: 0.7 })
    expect(stream.kinds()).toEqual(['qualityDrop'])
  })
})

describe('a category that no event has any more', () => {
  /** The first feature has some thirty categories, of which none is more than 4 % of the events. */
  function categories(): DriftStream {
    const { model } = new DriftStream(18)
    return new DriftStream(18, { ...model, drift: { ...model.drift, kinds: model.drift.kinds.with(0, 'category') } })
  }

  test('is a lost cluster, and that is not over while it stays away', () => {
    const stream = categories().observe(40_000).observe(6000, { without: 12 })
    expect(stream.findings).toMatchObject([{ kind: 'lostCluster', detector: 'features' }])
    expect(stream.findings[0].statistic).toBeLessThan(0.04)
    stream.observe(30_000, { without: 12 })
    expect(stream.findings.slice(1)).toMatchObject([{ kind: 'cleared', accepted: true }])
  })

  test('is missed at each hour of the day, too', () => {
    const stream = categories().observe(4 * dayEvents, {}, 1000, msPerEvent)
    stream.observe(6000, { without: 12 }, 1000, msPerEvent)
    expect(stream.kinds()).toEqual(['lostCluster'])
  })
})

describe('a daily cycle', () => {
  const daily = (event: number): Change => ({ shift: { 0: 0.8 * Math.sin((2 * Math.PI * event) / dayEvents) } })

  test('is no drift once it is known', () => {
    const stream = new DriftStream(13).observe(4 * dayEvents, daily, 1000, msPerEvent)
    expect(stream.findings.length).toBeGreaterThan(0)
    const known = stream.findings.length
    stream.observe(5 * dayEvents, daily, 1000, msPerEvent)
    expect(stream.findings.slice(known).filter(({ kind }) => kind !== 'cleared')).toEqual([])
  })

  test('hides no shift of another feature', () => {
    const stream = new DriftStream(14).observe(6 * dayEvents, daily, 1000, msPerEvent)
    const known = stream.findings.length
    const shifted = (event: number): Change => ({ shift: { ...daily(event).shift, 4: 1 } })
    stream.observe(2000, shifted, 1000, msPerEvent)
    expect(stream.findings.slice(known).map(({ features }) => features[0].feature)).toEqual([4])
  })
})

describe('replaying the log', () => {
  test('gives every finding again bit for bit, also from a version in its middle', () => {
    const changing = growing(8000, 6000, 1.5)
    const whole = new DriftStream(15).observe(30_000, changing)
    const again = new DriftStream(15).observe(10_000, changing)
    Object.assign(again, { model: readBack(again.model) })
    again.observe(20_000, changing)
    expect(whole.findings.length).toBeGreaterThan(1)
    expect(again.findings).toEqual(whole.findings)
    expect(Buffer.from(encodeModel(again.model)).equals(encodeModel(whole.model))).toBe(true)
  })
})
