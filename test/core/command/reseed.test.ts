import { describe, expect, test } from 'vitest'
import type { Model } from '../../../src/core/model/model.ts'
import { replaceSample, sampleOf } from '../../../src/core/upkeep/reservoir.ts'
import { learnRows } from '../../stages/learning-stream.ts'
import { clusteredRows } from '../model/sample-model.ts'
import { d, fresh, given, refusal, rowsOf } from './orders.ts'

/** Centroids in the order of their first column. */
const places = ({ clusters, k }: Model) =>
  Array.from({ length: k }, (_, j) => [...clusters.mean.subarray(j * d, (j + 1) * d)]).sort((a, b) => a[0] - b[0])

/** A model that has learned, with all of its centroids somewhere else. */
function displaced(by: number): Model {
  const model = fresh()
  learnRows(model, rowsOf(600, 3000))
  for (let at = 0; at < model.clusters.mean.length; at++) model.clusters.mean[at] += by * (1 + at)
  return model
}

describe('a reseed', () => {
  test('finds the clusters of the sample, whatever the centroids have been', () => {
    const [one, other] = [displaced(70), displaced(-900)]
    for (const model of [one, other]) expect(given(model, 'reseed')).toBe('obeyed')
    expect(places(one)).toEqual(places(other))
    const inOrder = fresh()
    learnRows(inOrder, rowsOf(600, 3000))
    places(inOrder).forEach((place, j) => {
      place.forEach((x, c) => {
        expect(Math.abs(places(one)[j][c] - x)).toBeLessThan(0.5)
      })
    })
  })

  test('leaves clusters that are in order their ids, and is told of none', () => {
    const model = fresh()
    learnRows(model, rowsOf(600, 3000))
    const ids = [...model.ids]
    const told = model.upkeep.changes.length
    expect(given(model, 'reseed')).toBe('obeyed')
    expect([...model.ids]).toEqual(ids)
    expect(model.upkeep.changes.length).toBe(told)
    expect(model.quality.record).toMatchObject({ version: model.version, refitted: true })
  })

  test('is told cluster by cluster where they are others, under ids that nobody had', () => {
    const model = fresh()
    // Two clusters share what is one place: what the third of these has to hold is new.
    learnRows(model, clusteredRows(9000, d, 3, 9), 500)
    model.clusters.mean.copyWithin(0, d, 2 * d)
    const { nextId } = model.upkeep
    const before = [...model.ids]
    given(model, 'reseed')
    const told = model.upkeep.changes.filter(({ version }) => version === model.version)
    const born = [...model.ids].filter((id) => !before.includes(id))
    expect(born.length).toBeGreaterThan(0)
    expect(born.every((id) => id >= nextId)).toBe(true)
    expect(
      told
        .filter(({ kind }) => ['born', 'split', 'reseeded'].includes(kind))
        .map(({ id }) => id)
        .sort(),
    ).toEqual(born.sort())
  })

  test('is refused while learning stands still, and of a sample that is too small', () => {
    const model = fresh()
    given(model, 'freeze')
    expect(given(model, 'reseed')).toBe('declined')
    expect(refusal(model)).toBe('learning must go on: it stands still')
    const young = fresh()
    const { reservoir } = young.upkeep
    const { drawn, importance, clocks, rows } = sampleOf(reservoir)
    const [eleven, values] = [11, 11 * young.d]
    replaceSample(reservoir, {
      drawn: drawn.slice(0, eleven),
      importance: importance.slice(0, eleven),
      clocks: clocks.slice(0, eleven),
      rows: rows.slice(0, values),
    })
    expect(given(young, 'reseed')).toBe('declined')
    expect(refusal(young)).toBe('its sample must have 12 rows: it has 11')
  })

  test('is refused when there are no ids left for new clusters', () => {
    const model = fresh()
    model.upkeep.nextId = 2 ** 31 - 2
    for (const kind of ['reseed', 'refit'] as const) expect(given(model, kind)).toBe('declined')
    expect(refusal(model)).toBe('there must be ids left for new clusters: none are')
  })
})
