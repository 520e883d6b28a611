import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  averagePrecision,
  hitsOfFlagged,
  hitsOfTopShare,
  rankingCurve,
  rocAuc,
} from '../../../src/core/score/ranking.ts'

/** Few distinct scores, so that most rows are tied. */
const ranked = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 40 })
  .map((rows) => ({
    scores: Float64Array.from(rows, ([score]) => score / 2),
    positive: Uint8Array.from(rows, ([, flag]) => flag),
  }))

test('ROC-AUC is the share of positive-negative pairs in the right order, a tie counting half', () => {
  fc.assert(
    fc.property(ranked, ({ scores, positive }) => {
      let right = 0
      let pairs = 0
      for (let i = 0; i < scores.length; i++) {
        for (let j = 0; j < scores.length; j++) {
          if (positive[i] !== 1 || positive[j] !== 0) continue
          pairs++
          right += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0
        }
      }
      const auc = rocAuc(scores, positive)
      if (pairs === 0) expect(auc).toBeNull()
      else expect(auc).toBeCloseTo(right / pairs, 12)
    }),
  )
})

test('ROC-AUC of reversed scores is one minus ROC-AUC', () => {
  fc.assert(
    fc.property(ranked, ({ scores, positive }) => {
      const auc = rocAuc(scores, positive)
      fc.pre(auc !== null)
      expect(
        rocAuc(
          scores.map((score) => -score),
          positive,
        ),
      ).toBeCloseTo(1 - auc!, 12)
    }),
  )
})

test('average precision is 1 for a perfect ranking, the share of positives when all are tied, and null without any', () => {
  expect(averagePrecision(Float64Array.of(1, 2, 3, 4), Uint8Array.of(0, 0, 1, 1))).toBe(1)
  expect(averagePrecision(Float64Array.of(7, 7, 7, 7), Uint8Array.of(0, 1, 0, 0))).toBe(0.25)
  expect(averagePrecision(Float64Array.of(1, 2), Uint8Array.of(0, 0))).toBeNull()
})

test('neither measure depends on the order of the rows', () => {
  fc.assert(
    fc.property(ranked, ({ scores, positive }) => {
      const reversedScores = scores.slice().reverse()
      const reversed = positive.slice().reverse()
      expect(averagePrecision(reversedScores, reversed)).toBe(averagePrecision(scores, positive))
      expect(rocAuc(reversedScores, reversed)).toBe(rocAuc(scores, positive))
    }),
  )
})

test('flagged rows give the textbook precision and recall, and null where there is nothing to divide by', () => {
  const positive = Uint8Array.of(1, 1, 1, 0)
  expect(hitsOfFlagged(Uint8Array.of(1, 0, 0, 1), positive)).toEqual({ precision: 1 / 2, recall: 1 / 3, flagged: 2 })
  expect(hitsOfFlagged(new Uint8Array(4), positive)).toEqual({ precision: null, recall: 0, flagged: 0 })
  expect(hitsOfFlagged(Uint8Array.of(1, 0, 0, 0), new Uint8Array(4)).recall).toBeNull()
})

test('the top share takes that many rows, and tied rows at the cut count in proportion', () => {
  const scores = Float64Array.of(9, 5, 5, 5, 5, 1, 1, 1, 1, 1)
  const positive = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
  expect(hitsOfTopShare(scores, positive, 0.1)).toEqual({ precision: 1, recall: 0.5, flagged: 1 })
  expect(hitsOfTopShare(scores, positive, 0.3)).toEqual({ precision: 0.5, recall: 0.75, flagged: 3 })
  expect(hitsOfTopShare(scores, positive, 1)).toEqual({ precision: 0.2, recall: 1, flagged: 10 })
})

test('the top share of a flagging without ties equals the flagged set of the same rows', () => {
  const distinct = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(distinct, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const scores = Float64Array.from(values)
      const positive = Uint8Array.from(values, (value) => value & 1)
      const top = hitsOfTopShare(scores, positive, share)
      const cut = scores.slice().sort()[values.length - top.flagged]
      expect(top).toEqual(
        hitsOfFlagged(
          Uint8Array.from(values, (value) => Number(value >= cut)),
          positive,
        ),
      )
    }),
  )
})

test('the area under the whole way down the ranking is the ROC-AUC', () => {
  fc.assert(
    fc.property(ranked, ({ scores, positive }) => {
      const curve = rankingCurve(scores, positive, Number.POSITIVE_INFINITY)
      const last = curve[curve.length - 1]
      const negatives = last.rows - last.positives
      const area = curve.slice(1).reduce((sum, { rows, positives }, i) => {
        const before = curve[i]
        const width = rows - positives - (before.rows - before.positives)
        return sum + (width * (positives + before.positives)) / 2
      }, 0)
      const auc = rocAuc(scores, positive)
      expect(last.rows).toBe(scores.length)
      if (auc !== null) expect(area / (negatives * last.positives)).toBeCloseTo(auc, 12)
    }),
  )
})

test('the way down the ranking has few points however many rows there are, the last of them all rows', () => {
  const scores = Float64Array.from({ length: 10_000 }, (_, i) => i)
  const curve = rankingCurve(
    scores,
    Uint8Array.from(scores, (score) => score % 2),
    50,
  )
  expect(curve.length).toBeLessThan(120)
  expect(curve.at(-1)).toEqual({ rows: 10_000, positives: 5000 })
})

test('a NaN score is refused, not ranked', () => {
  expect(() => rocAuc(Float64Array.of(1, NaN), Uint8Array.of(0, 1))).toThrow('got NaN')
})
