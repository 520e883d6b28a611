import { describe, expect, test } from 'vitest'
import { qualityStanding, watchQuality } from '../../../src/core/drift/quality-fall.ts'
import { openFindings } from '../../../src/core/drift/standing.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { DriftStream } from './drift-stream.ts'

/** A model whose assessments are put together by hand: 4,000 rows, one every 10,000 events. */
class Assessed {
  readonly model: Model = new DriftStream(1).model

  assess(silhouette: number | null, unexplained = 0.2, times = 1): this {
    for (let i = 0; i < times; i++) {
      const { model } = this
      const before = model.quality.record
      model.version += 10
      model.trainedEvents += 10_000
      model.quality.record = {
        ...before,
        ...{ version: model.version, trainedEvents: model.trainedEvents, silhouette, unexplained },
        ...{ silhouetteVariance: 0.05, rows: 4000, effectiveRows: 3500 },
      }
      watchQuality(model, before)
    }
    return this
  }

  get kinds(): readonly string[] {
    return this.model.drift.findings.map(({ kind, accepted }) => (accepted ? `${kind}, accepted` : kind))
  }
}

/** One that is settled, and knows what is usual. */
const settled = () => new Assessed().assess(0.4, 0.2, 12)

describe('a fall of the quality', () => {
  test('is told when two assessments in a row show it, by the test of that name', () => {
    const { model } = settled().assess(0.32, 0.3)
    expect(model.drift.findings).toEqual([])
    const assessed = settled().assess(0.32, 0.3, 2)
    expect(assessed.model.drift.findings).toMatchObject([
      { number: 1, kind: 'qualityDrop', severity: 'warning', detector: 'quality', version: assessed.model.version },
    ])
    const [{ statistic, threshold, referenceVersion }] = assessed.model.drift.findings
    expect(statistic).toBeCloseTo(0.08, 12)
    expect(threshold).toBeGreaterThan(0.04)
    expect(threshold).toBeLessThan(0.1)
    expect(referenceVersion).toBeLessThan(assessed.model.version)
    expect(openFindings(assessed.model.drift)).toEqual(assessed.model.drift.findings)
  })

  test.each([
    ['of less than a tenth', 0.37, 0.3],
    ['that leaves no more of the variance, as upkeep may make it', 0.3, 0.22],
    ['of a silhouette that there is not any more', null, 0.3],
  ] as const)('%s is none', (_, silhouette, unexplained) => {
    expect(settled().assess(silhouette, unexplained, 9).kinds).toEqual([])
  })

  test('that chance explains is none, however many tenths', () => {
    const assessed = new Assessed().assess(0.04, 0.2, 12)
    expect(assessed.assess(0.03, 0.3, 9).kinds).toEqual([])
  })

  test('of a model that is still young is none', () => {
    expect(new Assessed().assess(0.4, 0.2, 5).assess(0.3, 0.3, 5).kinds).toEqual([])
  })

  test('is one however long it lasts, and over when the clusters are again about as good', () => {
    const assessed = settled().assess(0.3, 0.3, 5).assess(0.36, 0.3).assess(0.4, 0.2)
    expect(assessed.kinds).toEqual(['qualityDrop'])
    expect(assessed.assess(0.4, 0.2).kinds).toEqual(['qualityDrop', 'cleared'])
    expect(assessed.model.drift.findings.map(({ number }) => number)).toEqual([1, 1])
    expect(openFindings(assessed.model.drift)).toEqual([])
    expect(assessed.assess(0.4, 0.2, 9).kinds).toHaveLength(2)
  })

  test('is taken for usual after a half-life, and what follows is compared with that', () => {
    const assessed = settled().assess(0.3, 0.3, 30)
    expect(assessed.kinds).toEqual(['qualityDrop', 'cleared, accepted'])
    expect(assessed.assess(0.22, 0.4, 2).kinds).toEqual(['qualityDrop', 'cleared, accepted', 'qualityDrop'])
  })

  test('that creeps is measured from the best that there was', () => {
    const assessed = settled()
    for (let step = 0; step < 15; step++) assessed.assess(0.4 - 0.006 * step, 0.2 + 0.01 * step)
    expect(assessed.kinds).toEqual(['qualityDrop'])
  })

  test('waits while a plainer drift is open', () => {
    const assessed = settled()
    const { drift } = assessed.model
    drift.open = new DriftStream(2).observe(20_000).observe(3000, { shift: { 5: 2 } }).model.drift.open
    expect(assessed.assess(0.3, 0.3, 5).kinds).toEqual([])
    drift.open = null
    expect(assessed.assess(0.3, 0.3, 2).kinds).toEqual(['qualityDrop'])
  })

  test('is none where other values have been taken for usual, until most of the sample is of them', () => {
    const assessed = settled()
    const { model } = assessed
    const [opened] = new DriftStream(2).observe(20_000).observe(3000, { shift: { 5: 2 } }).findings
    const accepted = { ...opened, kind: 'cleared', accepted: true, version: model.version + 1 } as const
    model.drift.findings = [accepted]
    expect(assessed.assess(0.3, 0.3, 9).kinds).toEqual(['cleared, accepted'])
    expect(qualityStanding(model)).toEqual([])
    assessed.assess(0.3, 0.3, 6)
    expect(qualityStanding(model)).toMatchObject([{ detector: 'quality', statistic: 0 }])
  })

  test('is not looked for where drift is not', () => {
    const assessed = settled()
    const { model } = assessed
    const options = { ...model.drift.options, enabled: false }
    Object.assign(model.drift, { options })
    expect(assessed.assess(0.1, 0.9, 9).kinds).toEqual([])
  })

  test('is found by two readers of the same assessments alike', () => {
    const twice = [settled(), settled()].map((assessed) => assessed.assess(0.3, 0.3, 40))
    expect(twice[0].model.drift.findings).toEqual(twice[1].model.drift.findings)
  })
})

test('where nothing is to be compared with there is no standing, and then there is', () => {
  expect(qualityStanding(new Assessed().assess(0.4).model)).toEqual([])
  const [standing] = qualityStanding(settled().assess(0.38).model)
  expect(standing.statistic).toBeCloseTo(0.02, 12)
  expect(standing.threshold).toBeCloseTo(0.04, 12)
})
