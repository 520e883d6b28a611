import { describe, expect, it } from 'vitest'
import { judge } from '../../src/cli/judgement.ts'
import type { Truth } from '../../src/cli/truth.ts'

const truth: Truth = {
  indexOf: new Map(),
  positive: Uint8Array.of(0, 0, 1, 1, 0, 0, 0, 0, 0, 1),
  kind: Int16Array.of(-1, -1, 0, 1, -1, -1, -1, -1, -1, 1),
  kindNames: ['theft', 'testing', 'never'],
  unlabelled: new Set(),
}
const scores = Float64Array.of(0.1, 0.2, 0.95, 0.9, 0.3, 0.92, 0.5, 0.1, 0.2, Number.NaN)
const assigned = { scores, remoteness: scores.map((score) => 10 * score) }

describe('a judgement', () => {
  it('counts only events that have a score', () => {
    const judgement = judge(truth, assigned, null, 0.1)
    expect(judgement.events).toBe(9)
    expect(judgement.positives).toBe(2)
  })

  it('flags what reaches 1 − budget, the bound included', () => {
    const { assignments } = judge(truth, assigned, null, 0.1)
    expect(assignments.atBudget).toEqual({ flagged: 3, precision: 2 / 3, recall: 1 })
  })

  it('ranks: one usual event stands above one of two anomalous ones', () => {
    const { assignments } = judge(truth, assigned, null, 0.1)
    expect(assignments.rocAuc).toBeCloseTo(13 / 14)
    expect(assignments.averagePrecision).toBeCloseTo((1 + 2 / 3) / 2)
  })

  it('ranks by remoteness, and flags by the score', () => {
    const reversed = { scores, remoteness: scores.map((score) => 1 - score) }
    const { assignments } = judge(truth, reversed, null, 0.1)
    expect(assignments.rocAuc).toBeCloseTo(1 / 14)
    expect(assignments.atBudget.flagged).toBe(3)
  })

  it('tells the recall of each kind that there is', () => {
    expect(judge(truth, assigned, null, 0.07).kinds).toEqual([
      { kind: 'theft', events: 1, assignments: 1, baseline: null },
      { kind: 'testing', events: 1, assignments: 0, baseline: null },
    ])
  })

  it('judges the baseline on the same events, and gives it the budget exactly', () => {
    const baseline = Float64Array.of(Number.NaN, 9, 8, 1, 1, 1, 1, 1, 1, 100)
    const judgement = judge(truth, assigned, baseline, 0.25)
    expect(judgement.events).toBe(8)
    expect(judgement.baseline?.atBudget).toEqual({ flagged: 2, precision: 1 / 2, recall: 1 / 2 })
    expect(judgement.kinds.map((kind) => kind.baseline)).toEqual([1, 0])
  })

  it('has no measures of nothing', () => {
    const none = new Float64Array(10).fill(Number.NaN)
    const nothing = judge(truth, { scores: none, remoteness: none }, null, 0.1)
    expect(nothing.assignments.rocAuc).toBeNull()
    expect(nothing.events).toBe(0)
  })
})
