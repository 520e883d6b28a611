import { describe, expect, test } from 'vitest'
import { type Change, DriftStream } from './drift-stream.ts'

/** The first feature goes on changing, so that its drift stays open. */
function restless(event: number): Change {
  return { shift: { 0: 1.5 + Math.sin(event / 1500) } }
}

describe('while a drift is open', () => {
  test.each([0, 300, 500, 700])(
    'a shift of another feature, %i events into a window, ends it and is told, of that feature, within 2,000 events',
    (into) => {
      const at = 30_000 + into
      const stream = new DriftStream(21 + into)
        .observe(20_000)
        .observe(12_000, (event) => (event < at ? restless(event) : { shift: { ...restless(event).shift, 4: 1.5 } }))
      const raised = stream.findings.filter(({ ranges }) => ranges[0].to > at)
      expect(raised.slice(0, 2).map(({ kind, accepted }) => [kind, accepted])).toEqual([
        ['cleared', true],
        ['featureOnly', false],
      ])
      expect(raised[1].features.map(({ feature }) => feature)).toContain(4)
      expect(raised[1].ranges[0].to - at).toBeLessThanOrEqual(2000)
      expect(raised[1].number).toBe(raised[0].number + 1)
    },
  )

  test('another feature is told at once, though the first drift has only just been found', () => {
    const stream = new DriftStream(26)
      .observe(20_000)
      .observe(2000, { shift: { 1: 1.5 } })
      .observe(2000, { shift: { 1: 1.5, 6: 1.5 } })
    expect(stream.kinds()).toEqual(['featureOnly', 'cleared', 'featureOnly'])
    expect(stream.findings[2].features[0].feature).toBe(6)
  })

  test('what goes on as it has gone is told once', () => {
    const stream = new DriftStream(22).observe(20_000).observe(20_000, restless)
    expect(stream.kinds()).toEqual(['featureOnly'])
  })

  test('what begins within a window is not told again when the next is whole', () => {
    for (const into of [100, 500, 900]) {
      const at = 20_000 + into
      const stream = new DriftStream(23).observe(26_000, (event) => ({ shift: { 2: event < at ? 0 : 2 } }))
      expect(stream.kinds()).toEqual(['featureOnly'])
    }
  })

  test('what grows is told once', () => {
    const stream = new DriftStream(24).observe(44_000, (event) => ({
      shift: { 3: Math.min(3, Math.max(0, (event - 20_000) / 8000)) },
    }))
    expect(stream.kinds().filter((kind) => kind !== 'cleared')).toHaveLength(1)
  })

  test('a feature that is again as it was before is no further change', () => {
    const stream = new DriftStream(25)
      .observe(20_000)
      .observe(5000, { shift: { 2: 1.5, 5: 1.5 } })
      .observe(2000, { shift: { 2: 1.5 } })
    expect(stream.kinds()).toEqual(['sudden'])
  })
})
