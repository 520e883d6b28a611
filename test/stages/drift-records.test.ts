import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import type { DriftFinding } from '../../src/core/drift/finding.ts'
import { appendFindings } from '../../src/stages/drift-records.ts'
import { randomFinding } from '../core/drift/random-drift.ts'
import { feature as featureOf, planOf } from '../core/features/vectorising.ts'
import { bornFrom, clusteredRows, numericPlan } from '../core/model/sample-model.ts'
import { avroReader, written } from './batches.ts'

const plan = numericPlan(2)
const model = bornFrom(plan, clusteredRows(200, 2, 3, 1), 200, 3)
const read = avroReader<Record<string, unknown> & { features: unknown[] }>('drift-event')

function told(...findings: readonly DriftFinding[]) {
  const outputs = new OutputColumns()
  appendFindings(outputs, { topic: 'drift', schemaId: 1, name: 'cards' }, plan, model, findings, 1_760_000_000_123.7)
  return written(outputs).map(({ value }) => read(value))
}

const feature = {
  ...{ feature: 1, share: 0.9, distance: 0.4, stability: 1, divergence: 0.2, transport: 1.1, before: 3, after: 5 },
  ...{ missingBefore: 0, missingAfter: 0.1, outsideBefore: 0, outsideAfter: 0.2 },
}
const finding: DriftFinding = {
  number: 3,
  kind: 'featureOnly',
  severity: 'critical',
  detector: 'features',
  version: 40,
  referenceVersion: 1,
  statistic: 0.4,
  threshold: 0.2,
  pValue: 1e-30,
  eventsBetweenFalse: 1e7,
  accepted: false,
  events: 1000,
  ranges: [{ partition: 2, from: 10, to: 1010 }],
  fromMs: 5,
  toMs: 9,
  features: [feature],
  clusters: [{ id: 4, before: 0.1, after: 0.3 }],
  segments: [{ name: 'web', share: 1, before: 0.5, after: 0.4, unusualBefore: 0.02, unusualAfter: 0.7 }],
}

describe('a drift', () => {
  test('is told as schemas/drift-event.avsc has it, by the names of its features', () => {
    const [event] = told(finding)
    const id = `${model.bornAtMs}-drift-3`
    expect(event).toMatchObject({
      ...{ id, driftId: id, kind: 'drift.featureOnly', scope: 'feature x1', statistic: 0.4, threshold: 0.2 },
      ...{ pValue: 1e-30, referenceVersion: 1, currentVersion: 40, severity: 'critical', detector: 'features' },
      ...{ windows: [{ partition: 2, fromOffset: 10, toOffset: 1010 }], events: 1000, fromTime: 5, toTime: 9 },
      ...{ clusters: [{ cluster: 4, share: 1, before: 0.1, after: 0.3 }], reaction: 'none', accepted: null },
    })
    expect(event.features).toMatchObject([{ feature: 'x1', share: 0.9, before: 3, after: 5, outsideAfter: 0.2 }])
    expect(event.message).toBe('one feature has changed: most in x1, whose median went from 3 to 5')
  })

  test('of a category says by how much of the events one of its values has come or gone', () => {
    const outputs = new OutputColumns()
    const categories = planOf([
      featureOf('amount', { kind: 'log' }),
      featureOf('channel', { kind: 'oneHot', values: ['web'] }),
    ])
    const changed = { ...finding, features: [{ ...feature, before: 0.21, after: 0.415 }] }
    appendFindings(outputs, { topic: 'drift', schemaId: 1, name: 'cards' }, categories, model, [changed], 1)
    const [event] = written(outputs).map(({ value }) => read(value))
    expect(event.message).toBe(
      'one feature has changed: most in channel, where one value went from 21 % to 42 % of the events',
    )
  })

  test('of a feature that comes to the edge just above 0 says 0', () => {
    const [event] = told({ ...finding, features: [{ ...feature, after: 5e-324 }] })
    expect(event.features).toMatchObject([{ feature: 'x1', before: 3, after: 0 }])
    expect(event.message).toMatch(/whose median went from 3 to 0$/)
  })

  test('that is over names the drift that it closes, and has an id of its own', () => {
    const [event] = told({ ...finding, kind: 'cleared', accepted: true, pValue: 1 })
    const driftId = `${model.bornAtMs}-drift-3`
    expect(event).toMatchObject({
      id: `${driftId}-cleared`,
      driftId,
      kind: 'drift.cleared',
      accepted: true,
      pValue: null,
    })
  })

  test('of any kind, with any numbers, is a record', () => {
    fc.assert(
      fc.property(randomFinding, (any) => {
        // The reader of this test holds no greater longs.
        fc.pre(Math.max(any.events, any.fromMs, any.toMs) < 2 ** 52)
        expect(told(any)).toHaveLength(1)
      }),
    )
  })
})
