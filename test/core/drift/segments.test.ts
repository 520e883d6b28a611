import { describe, expect, test } from 'vitest'
import { encodeModel } from '../../../src/core/codec/model-codec.ts'
import {
  countSegments,
  mostSegments,
  restName,
  type SegmentCounts,
  segmentBin,
  segmentBins,
  segmentCells,
  segmentWidth,
} from '../../../src/core/drift/segments.ts'
import { rarityBins } from '../../../src/core/score/rarity.ts'
import { given } from '../command/orders.ts'
import { readBack } from '../model/read-back.ts'
import { DriftStream } from './drift-stream.ts'

const channels = { web: 0.6, shop: 0.3, phone: 0.08, fax: 0.02 }

describe('one segment that fails', () => {
  test('is told of, with its name, where the whole looks as ever; and is over when it is as it was', () => {
    const stream = new DriftStream(31, null, channels)
      .observe(70_000)
      .observe(8000, { farIn: { segment: 'fax', share: 0.8 } })
    expect(stream.findings).toMatchObject([{ kind: 'qualityDrop', detector: 'segments' }])
    const [{ segments, statistic, threshold, ranges }] = stream.findings
    expect(segments[0]).toMatchObject({ name: 'fax' })
    expect(segments[0].unusualBefore).toBeLessThan(0.05)
    expect(segments[0].unusualAfter).toBeGreaterThan(0.5)
    expect(statistic).toBeGreaterThan(threshold)
    expect(ranges[0].to).toBeLessThanOrEqual(76_000)
    stream.observe(20_000)
    expect(stream.findings.slice(1)).toMatchObject([{ kind: 'cleared', accepted: false }])
  })

  test('is told of where none of its events is near to a place, though none is far', () => {
    const stream = new DriftStream(38, null, channels).observe(40_000).observe(8000, { notNear: 'phone' })
    expect(stream.findings).toMatchObject([{ kind: 'qualityDrop', detector: 'segments' }])
    expect(stream.findings[0].segments[0].name).toBe('phone')
    expect(stream.findings[0].ranges[0].to).toBeLessThanOrEqual(46_000)
  })

  test('is no part of what is usual while it is suspected', () => {
    const stream = new DriftStream(39, null, channels).observe(30_000)
    const { windows } = stream.model.drift.reference
    stream.observe(3000, { notNear: 'fax' })
    const grown = stream.model.drift.reference.windows
    stream.observe(4000, { notNear: 'fax' })
    expect(stream.findings).toEqual([])
    expect([windows, grown < windows + 3, stream.model.drift.reference.windows]).toEqual([30, true, grown])
  })

  test('is told of by no other that has more of its events, or fewer', () => {
    const before = new DriftStream(32, null, channels).observe(70_000)
    const shares = { web: 0.3, shop: 0.5, phone: 0.15, fax: 0.05 }
    const after = new DriftStream(33, before.model, shares).observe(20_000)
    expect([...before.findings, ...after.findings]).toEqual([])
  })
})

describe('a drift of all', () => {
  test('says in which segment it concentrates', () => {
    const stream = new DriftStream(34, null, channels)
      .observe(40_000)
      .observe(8000, { farIn: { segment: 'shop', share: 0.4 } })
    const [{ kind, segments }] = stream.findings
    expect(kind).toBe('newCluster')
    expect(segments[0].name).toBe('shop')
    expect(segments[0].share).toBeGreaterThan(0.5)
    expect(segments[0].unusualAfter).toBeGreaterThan(0.3)
    expect(Math.abs(segments[0].before - 0.3)).toBeLessThan(0.05)
  })

  test('names none where events have none', () => {
    const stream = new DriftStream(35).observe(20_000).observe(3000, { shift: { 2: 1.5 } })
    expect(stream.findings[0].segments).toEqual([])
  })
})

describe('segments that do not change', () => {
  test('have not changed because the budget has, though ten times as many of their events are called anomalous', () => {
    const born = () => new DriftStream(41, null, channels).observe(70_000, { called: 0.005 })
    const [ordered, unordered] = [born(), born()]
    given(ordered.model, 'budget', { budget: 0.05 })
    expect(ordered.observe(20_000, { called: 0.05 }).findings).toEqual([])
    expect(unordered.observe(20_000, { called: 0.05 }).findings[0]).toMatchObject({ detector: 'segments' })
    given(ordered.model, 'budget', { budget: 0.001 })
    expect(ordered.observe(20_000, { called: 0.001 }).findings).toEqual([])
  })

  test('are told of in none of a million events', () => {
    expect(new DriftStream(36, null, channels).observe(1_000_000).findings).toEqual([])
  }, 60_000)

  test('replay bit for bit from a version in the middle', () => {
    const failing = (event: number) => (event < 70_000 ? {} : { farIn: { segment: 'fax', share: 0.8 } })
    const whole = new DriftStream(37, null, channels).observe(78_000, failing)
    const again = new DriftStream(37, null, channels).observe(50_000, failing)
    Object.assign(again, { model: readBack(again.model) })
    again.observe(28_000, failing)
    expect(whole.findings.length).toBeGreaterThan(0)
    expect(again.findings).toEqual(whole.findings)
    expect(Buffer.from(encodeModel(again.model)).equals(encodeModel(whole.model))).toBe(true)
  })
})

describe('the segments of a model', () => {
  const one = (name: string): SegmentCounts => ({ name, counts: new Float64Array(segmentWidth).fill(1, 0, 1) })

  test('are the first values that come, by name; all others are counted together', () => {
    const names: string[] = []
    const into = new Float64Array(segmentCells)
    const values = Array.from({ length: mostSegments + 4 }, (_, i) => `value ${i}`)
    countSegments(into, names, values.map(one), 1)
    countSegments(into, names, [one('value 2'), one(restName), one('value 19')], 1)
    expect(names).toEqual(values.slice(0, mostSegments))
    expect([into[0], into[2 * segmentWidth], into[mostSegments * segmentWidth]]).toEqual([1, 2, 6])
  })

  test('have a bin for every bin of the score, ascending', () => {
    const bins = Array.from({ length: rarityBins }, (_, bin) => segmentBin(bin))
    expect(bins).toEqual(bins.toSorted((a, b) => a - b))
    expect([bins[0], bins[rarityBins - 1]]).toEqual([0, segmentBins - 1])
    expect(new Set(bins).size).toBe(segmentBins)
  })
})
