import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { idSlot } from '../../src/core/features/feature-plan.ts'
import { FieldColumns, FieldKind } from '../../src/core/fields/fields.ts'
import { writeNumericTexts } from '../../src/core/fields/numeric-text.ts'
import { emptyScores } from '../../src/core/score/scorer.ts'
import { appendAssignments } from '../../src/stages/assignment.ts'
import { batchOf, schemaText, written } from './batches.ts'

const type = avsc.Type.forSchema(JSON.parse(schemaText('assignment')))
/** avsc writes no greater long. */
const longest = 2 ** 53 - 2

const event = fc.record({
  id: fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), fc.constantFrom('x', 'é'.repeat(128))),
  inArena: fc.boolean(),
  key: fc.option(fc.string({ maxLength: 5 })),
  timestamp: fc.integer({ min: 0, max: 2 ** 43 }),
  cluster: fc.nat(2),
  distance: fc.double({ noNaN: true }),
  rarity: fc.double({ min: 1e-300, max: 1, noNaN: true }),
  /** What a logarithm and an exponential may leave of a distance. */
  roundTrip: fc.double({ min: -1e-13, max: 1e-13, noNaN: true }),
  logDistance: fc.oneof(fc.double({ min: -7, max: 14, noNaN: true }), fc.double({ noNaN: true })),
})

const whole = {
  events: fc.array(event, { minLength: 1, maxLength: 9 }),
  partition: fc.oneof(fc.nat(100), fc.nat(2 ** 31 - 1)),
  firstOffset: fc.oneof(fc.nat(10_000), fc.integer({ min: 2 ** 31, max: longest - 10 }), fc.constant(longest - 8)),
  modelVersion: fc.oneof(fc.nat(300), fc.integer({ min: 1, max: longest })),
  schemaId: fc.oneof(fc.nat(300), fc.nat(2 ** 31 - 1)),
  fingerprint: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  warmingUp: fc.boolean(),
  clusterIds: fc.tuple(fc.nat(1000), fc.nat(2 ** 31 - 1), fc.constant(-1)),
}

test('an assignment is what avsc makes of the same value, beside its event', () => {
  fc.assert(
    fc.property(
      fc.record(whole),
      ({ events, partition, firstOffset, modelVersion, schemaId, fingerprint, ...rest }) => {
        const n = events.length
        const batch = batchOf(
          events.map(({ id, key, timestamp }) => ({ value: id, key, timestamp })),
          partition,
          firstOffset,
        )
        const fields = new FieldColumns(n, 2)
        events.forEach(({ id, inArena }, i) => {
          const bytes = Buffer.from(id)
          fields.kind[2 * i] = inArena ? FieldKind.arenaText : FieldKind.text
          fields.length[2 * i] = bytes.length
          fields.start[2 * i] = inArena ? fields.arenaUsed : batch.valueStart[i]
          if (!inArena) return
          fields.reserveArena(bytes.length)
          fields.arena.set(bytes, fields.arenaUsed)
          fields.arenaUsed += bytes.length
        })
        const scores = emptyScores(n)
        scores.labels.set(events.map(({ cluster }) => cluster))
        scores.distances.set(events.map(({ distance }) => distance))
        scores.rarities.set(events.map(({ rarity }) => rarity))
        scores.softDistances.set(events.map(({ logDistance, roundTrip }) => Math.exp(logDistance) * (1 + roundTrip)))
        scores.logDistances.set(events.map(({ logDistance }) => logDistance))
        const outputs = new OutputColumns()
        const clusterIds = Int32Array.from(rest.clusterIds)
        const { warmingUp } = rest
        const context = { schemaId, modelVersion, fingerprint, clusterIds, warmingUp }
        const places = Int32Array.from({ length: n }, (_, i) => i)
        appendAssignments(outputs.sink('out', partition), context, batch, 0, fields, places, n, scores)
        const header = Buffer.alloc(5)
        header.writeInt32BE(schemaId, 1)
        const expected = events.map(({ id, key, timestamp, cluster, distance, rarity, logDistance }, i) => ({
          topic: 'out',
          partition,
          key,
          timestamp,
          headers: [],
          value: Buffer.concat([
            header,
            type.toBuffer({
              eventId: id,
              partition,
              offset: firstOffset + i,
              cluster: clusterIds[cluster],
              distance,
              score: 1 - rarity,
              modelVersion,
              fingerprint: Buffer.from(fingerprint),
              remoteness: Math.fround(Math.min(Math.exp(logDistance), 2 ** 127)),
              warmUp: warmingUp,
            }),
          ]),
        }))
        expect(written(outputs)).toEqual(expected)
      },
    ),
    { numRuns: 300 },
  )
})

test('only valid events are assigned, each in its place in the batch', () => {
  const batch = batchOf(
    ['a', 'b', 'c', 'd', 'e'].map((value) => ({ value, key: `key of ${value}` })),
    3,
    100,
  )
  const fields = new FieldColumns(3, 1)
  for (let e = 0; e < 3; e++) {
    fields.kind[e] = FieldKind.text
    fields.start[e] = batch.valueStart[2 + e]
    fields.length[e] = 1
  }
  const scores = emptyScores(2)
  const outputs = new OutputColumns()
  const model = { modelVersion: 1, fingerprint: new Uint8Array(8), clusterIds: Int32Array.of(0) }
  const context = { schemaId: 1, ...model, warmingUp: false }
  appendAssignments(outputs.sink('out', 3), context, batch, 2, fields, Int32Array.of(0, 2), 2, scores)
  const read = written(outputs).map(({ key, value }) => [key, type.fromBuffer(value?.subarray(5) ?? Buffer.alloc(0))])
  expect(read).toMatchObject([
    ['key of c', { eventId: 'c', partition: 3, offset: 102 }],
    ['key of e', { eventId: 'e', partition: 3, offset: 104 }],
  ])
})

describe('a numeric id', () => {
  /** The ids that the events of these kinds get. */
  function idsOf(kinds: readonly number[], numbers: readonly number[], reasons = numbers.map(() => 0)): string[] {
    const fields = new FieldColumns(numbers.length, 2)
    fields.arenaUsed = 3
    kinds.forEach((kind, e) => {
      fields.kind[2 * e] = kind
      fields.number[2 * e] = numbers[e]
      fields.reason[e] = reasons[e]
      fields.kind[2 * e + 1] = FieldKind.number
    })
    writeNumericTexts(fields, idSlot, numbers.length)
    expect(kinds.every((_, e) => fields.kind[2 * e + 1] === FieldKind.number)).toBe(true)
    return numbers.map((_, e) => {
      if (fields.kind[2 * e] !== FieldKind.arenaText) return `kind ${fields.kind[2 * e]}`
      return Buffer.from(
        fields.arena.subarray(fields.start[2 * e], fields.start[2 * e] + fields.length[2 * e]),
      ).toString()
    })
  }

  test('is its shortest decimal text', () => {
    const numbers = [0, -0, 7, -12.5, 2 ** 53 - 1, 1e21, 5e-324, 1_772_282_096_000]
    expect(
      idsOf(
        numbers.map(() => FieldKind.number),
        numbers,
      ),
    ).toEqual(numbers.map(String))
  })

  test('of a type that counts milliseconds is a number too', () => {
    expect(idsOf([FieldKind.milliseconds, FieldKind.number], [5, 6])).toEqual(['5', '6'])
  })

  test('is written for many events, more than the arena held', () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i / 7)
    expect(
      idsOf(
        numbers.map(() => FieldKind.number),
        numbers,
      ),
    ).toEqual(numbers.map(String))
  })

  test('leaves texts and invalid events alone', () => {
    expect(idsOf([FieldKind.text, FieldKind.number, FieldKind.number], [1, 2, 3], [0, 5, 0])).toEqual([
      `kind ${FieldKind.text}`,
      `kind ${FieldKind.number}`,
      '3',
    ])
  })
})
