import { describe, expect, test } from 'vitest'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import type { ChangeKind, ClusterChange } from '../../src/core/upkeep/upkeep.ts'
import { appendChanges, changesSince } from '../../src/stages/lifecycle.ts'
import { bornFrom, clusteredRows, numericPlan } from '../core/model/sample-model.ts'
import { avroReader, written } from './batches.ts'

interface DriftEvent {
  readonly id: string
  readonly kind: string
  readonly scope: string
  readonly statistic: number | null
  readonly referenceVersion: number
  readonly currentVersion: number
  readonly detectedAt: number
  readonly windows: readonly unknown[]
  readonly features: readonly unknown[]
  readonly clusters: readonly { readonly cluster: number; readonly share: number }[]
  readonly reaction: string
  readonly message: string
}

const model = bornFrom(numericPlan(2), clusteredRows(200, 2, 3, 1), 200, 3)
const change = (kind: ChangeKind, parts: Partial<ClusterChange> = {}): ClusterChange => ({
  ...{
    version: 12,
    kind,
    id: 7,
    weight: 50,
    relatives: [
      { id: 2, weight: 30 },
      { id: 1, weight: 10 },
    ],
  },
  ...parts,
})

function told(...changes: readonly ClusterChange[]): readonly DriftEvent[] {
  const outputs = new OutputColumns()
  const to = { topic: 'drift', schemaId: 0x01020304, name: 'cards' }
  appendChanges(outputs, to, model, changes, 1_760_000_000_123.7)
  const read = avroReader<DriftEvent>('drift-event')
  return written(outputs).map(({ topic, partition, key, value }) => {
    expect([topic, partition, key]).toEqual(['drift', 0, 'cards'])
    expect(value?.subarray(0, 5)).toEqual(Buffer.of(0, 1, 2, 3, 4))
    return read(value)
  })
}

describe('a step in the life of a cluster', () => {
  test('is told as schemas/drift-event.avsc has it: what, whose, since which version, and of whom', () => {
    const [event] = told(change('split'))
    expect(event).toMatchObject({
      id: `${model.bornAtMs}-12-split-7`,
      kind: 'cluster.split',
      scope: 'cluster 7',
      referenceVersion: 11,
      currentVersion: 12,
      detectedAt: 1_760_000_000_123,
      windows: [],
      features: [],
      clusters: [
        { cluster: 7, share: 0.25 },
        { cluster: 2, share: 0.75 },
        { cluster: 1, share: 0.25 },
      ],
      reaction: 'refit',
    })
    expect([event.statistic, event.message]).toEqual([
      null,
      'cluster 7 split off with 25 % of the events from clusters 2, 1',
    ])
  })

  test.each<[ChangeKind, string]>([
    [
      'born',
      'cluster 7 was born with 25 % of the events: of late they came to where none had been, nearest to clusters 2, 1',
    ],
    ['merged', 'cluster 7 was merged, with 25 % of the events, into clusters 2, 1'],
    ['dropped', 'cluster 7 was dropped: its events went to clusters 2, 1'],
    ['reseeded', 'cluster 7 was formed with 25 % of the events anew from those of clusters 2, 1'],
  ])('%s is told to a person, too', (kind, message) => {
    expect(told(change(kind))[0]).toMatchObject({ kind: `cluster.${kind}`, message })
  })

  test('without relatives, or of a model without mass, has shares that are numbers', () => {
    const [dropped, reseeded] = told(
      change('dropped', { weight: 0, relatives: [] }),
      change('reseeded', { weight: 1e30, relatives: [{ id: 3, weight: 0 }] }),
    )
    expect([dropped.clusters, dropped.message]).toMatchObject([
      [{ cluster: 7, share: 0 }],
      'cluster 7 was dropped: no events were left',
    ])
    expect(reseeded.clusters.map(({ share }) => share)).toEqual([1, 0])
  })

  test('is told once: those of versions that were told of are left out', () => {
    const changes = [change('born', { version: 5 }), change('merged', { version: 9 }), change('split', { version: 12 })]
    const lived = { ...model, upkeep: { ...model.upkeep, changes } }
    expect(changesSince(lived, 9).map(({ version }) => version)).toEqual([12])
    expect(changesSince(lived, 1)).toHaveLength(3)
    expect(changesSince(lived, 12)).toEqual([])
  })
})
