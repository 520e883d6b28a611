import { expect, test } from 'vitest'
import { mostSegments, segmentBins, segmentWidth } from '../../src/core/drift/segments.ts'
import { FieldColumns, FieldKind } from '../../src/core/fields/fields.ts'
import { rarityBins } from '../../src/core/score/rarity.ts'
import { SegmentCounter } from '../../src/stages/segment-counter.ts'

const text = Buffer.from('webshop')

/** One event for each value: a text of these bytes, a number, or none. */
function columns(values: readonly (readonly [number, number] | number | null)[]): FieldColumns {
  const fields = new FieldColumns(values.length, 2)
  values.forEach((value, event) => {
    const at = 2 * event + 1
    if (value === null) fields.kind[at] = FieldKind.missing
    else if (typeof value === 'number') {
      fields.kind[at] = FieldKind.number
      fields.number[at] = value
    } else {
      fields.kind[at] = FieldKind.text
      ;[fields.start[at], fields.length[at]] = value
    }
  })
  return fields
}

test('events are counted by the value of their field, those without one together, by distance and anomalies', () => {
  const counter = new SegmentCounter(1, 2)
  const fields = columns([[0, 3], [3, 4], 7, null, [0, 3], 7])
  for (let event = 0; event < 6; event++) counter.add(event, fields, text, event < 4 ? 0 : rarityBins - 1, event === 4)
  const counted = Object.fromEntries(
    counter.taken().map(({ name, counts }) => [name, [counts[0], counts[segmentBins - 1], counts[segmentBins]]]),
  )
  expect(counted).toEqual({ '': [1, 0, 0], web: [1, 1, 1], shop: [1, 0, 0], 7: [1, 1, 0] })
})

test('of many values the first have a segment each, and every event is counted once', () => {
  const counter = new SegmentCounter(1, 2)
  const events = 10_000
  const fields = columns(Array.from({ length: events }, (_, event) => event))
  for (let event = 0; event < events; event++) counter.add(event, fields, text, 300, false)
  const taken = counter.taken()
  expect(taken).toHaveLength(2 * mostSegments + 1)
  expect(taken.every(({ counts }) => counts.length === segmentWidth)).toBe(true)
  expect(taken.reduce((all, { counts }) => all + counts.reduce((sum, count) => sum + count, 0), 0)).toBe(events)
})
