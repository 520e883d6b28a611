import { describe, expect, it } from 'vitest'
import { FoundDrifts } from '../../../src/cli/backtest/found-drifts.ts'
import type { DriftFinding } from '../../../src/core/drift/finding.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { bornFrom, clusteredRows, numericPlan } from '../../core/model/sample-model.ts'

const plan = numericPlan(2)
const model = bornFrom(plan, clusteredRows(200, 2, 3, 1), 200, 3)
const at = (version: number, ...findings: DriftFinding[]): Model => ({
  ...model,
  version,
  drift: { ...model.drift, findings },
})
const sudden: DriftFinding = {
  number: 1,
  kind: 'sudden',
  severity: 'warning',
  detector: 'features',
  version: 4,
  referenceVersion: 1,
  statistic: 0.3,
  threshold: 0.2,
  pValue: 1e-9,
  eventsBetweenFalse: 1e8,
  accepted: false,
  events: 1000,
  ranges: [{ partition: 0, from: 3000, to: 4000 }],
  fromMs: 3000,
  toMs: 3999,
  features: [],
  clusters: [],
  segments: [],
}
const cleared: DriftFinding = { ...sudden, kind: 'cleared', version: 6, accepted: true }

describe('the drifts of a backtest', () => {
  it('are held once each, at the first event that a version with it scores, as a record would tell them', () => {
    const drifts = new FoundDrifts(plan)
    drifts.note(at(3), 100)
    drifts.note(at(5, sudden), 200)
    drifts.note(at(6, sudden, cleared), 300)
    drifts.note(at(7, cleared), 400)
    expect(drifts.all.map(({ row, kind, accepted, driftId }) => [row, kind, accepted, driftId])).toEqual([
      [200, 'drift.sudden', null, `${model.bornAtMs}-drift-1`],
      [300, 'drift.cleared', true, `${model.bornAtMs}-drift-1`],
    ])
  })
})
