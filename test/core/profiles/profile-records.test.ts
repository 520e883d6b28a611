/** Profiles as records of their topic: whoever reads them back goes on as if nothing had happened. */
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { profileKinds } from '../../../src/core/features/features.ts'
import { wireHeaderBytes } from '../../../src/stages/wire-format.ts'
import { schemaText } from '../../stages/batches.ts'
import { resealed } from '../codec/resealing.ts'
import { dayMs, type ProfiledEvent, type ProfileRecord, Profiling, profileFeature, startMs } from './profiling.ts'

const every = [...profileKinds.map((as) => profileFeature(as)), profileFeature('ratio', { entity: 'terminal' })]
const type = avsc.Type.forSchema(JSON.parse(schemaText('profile')))

const event = fc.record({
  customer: fc.oneof(fc.nat(20), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })),
  terminal: fc.nat(5),
  at: fc.integer({ min: startMs - 30 * dayMs, max: startMs + 90 * dayMs }),
  amount: fc.oneof(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.constantFrom(null, 1e300)),
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  device: fc.constantFrom('x', 'y', null, 3, true),
})
const events = fc.array(event, { maxLength: 60 })
const some: readonly ProfiledEvent[] = fc.sample(event, { seed: 7, numRuns: 200 })

describe('profiles and the records of their topic', () => {
  test('are the same to the bit, and meet what follows alike', () => {
    fc.assert(
      fc.property(events, events, fc.integer({ min: 1, max: 30 }), (before, after, limit) => {
        const original = new Profiling(every, { limit })
        original.meet(before)
        const first = original.records()
        original.meet(after.slice(0, 5))
        const records = [...first, ...original.records()]
        const { copy, outcomes } = original.restored(records)
        expect(new Set(outcomes)).toEqual(new Set(outcomes.length === 0 ? [] : ['taken']))
        expect(copy.profiles.size).toBe(original.profiles.size)
        expect(copy.meet(after)).toEqual(original.meet(after))
        expect(copy.records()).toEqual(original.records())
      }),
    )
  })

  test('are Avro of their schema', () => {
    const profiling = new Profiling(every)
    profiling.meet(some)
    for (const { key, value } of profiling.records()) {
      const decoded = type.fromBuffer(value!.subarray(wireHeaderBytes)) as {
        entity: string
        values: number[]
        offset: number
      }
      const isOfAll = !key.includes(0)
      expect(key.subarray(0, isOfAll ? undefined : key.indexOf(0)).toString()).toBe(decoded.entity)
      expect(decoded.offset).toBe(isOfAll ? 0 : decoded.values[1])
    }
  })

  test('are written once for each entity that was touched, and once for all of a kind', () => {
    const profiling = new Profiling([profileFeature('count1h')])
    profiling.meet(['a', 'b', 'a', 'a'].map((customer) => ({ customer })))
    expect(profiling.records().map(({ key }) => key.toString())).toEqual(['customer', 'customer\0a', 'customer\0b'])
    expect(profiling.records()).toEqual([])
  })

  test('of an entity that was given up are tombstones, unless it has come back since', () => {
    const profiling = new Profiling([profileFeature('count1h')], { limit: 2 })
    profiling.meet(['a', 'b', 'c', 'a', 'd'].map((customer) => ({ customer })))
    const records = profiling.records()
    const values = new Map(records.map(({ key, value }) => [key.toString(), value === null ? 'gone' : 'there']))
    expect(Object.fromEntries(values)).toEqual({
      customer: 'there',
      'customer\0a': 'there',
      'customer\0b': 'gone',
      'customer\0c': 'gone',
      'customer\0d': 'there',
    })
    expect(profiling.restored(records).copy.profiles.size).toBe(2)
  })
})

describe('a record that is none', () => {
  const profiling = new Profiling(every)
  profiling.meet(some)
  const records = profiling.records()
  const index = records.findIndex(({ key }) => key.includes(0))
  const whole = records[index].value!
  const outcomeOf = (value: Buffer): unknown => {
    const { outcomes, copy } = profiling.restored(records.with(index, { ...records[index], value }))
    expect(copy.profiles.size).toBe(profiling.profiles.size - 1)
    return outcomes[index]
  }

  test('is refused, whichever bit of it is another, and its entity begins anew', () => {
    for (let bit = 8 * wireHeaderBytes; bit < 8 * whole.length; bit += 13) {
      const damaged = Buffer.from(whole)
      damaged[bit >> 3] ^= 1 << (bit & 7)
      expect(outcomeOf(damaged)).toMatchObject({ refused: expect.stringMatching('damaged') })
    }
  })

  test('is refused when it is cut short', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(outcomeOf(whole.subarray(0, length))).toMatchObject({ refused: 'damaged' })
    }
  })

  test.each([
    ['a newer format', 'newer_format', (bytes: Buffer) => bytes.writeUInt8(4, 0)],
    ['another layout', 'foreign', (bytes: Buffer) => bytes.writeUInt8(bytes[1] ^ 1, 1)],
    ['numbers that are none', 'damaged', (bytes: Buffer) => bytes.fill(255, bytes.length - 40, bytes.length - 20)],
  ])('is refused when it has %s', (_, refused, change) => {
    const body = Buffer.from(whole.subarray(wireHeaderBytes))
    change(body)
    expect(outcomeOf(Buffer.concat([whole.subarray(0, wireHeaderBytes), resealed(body)]))).toMatchObject({ refused })
  })

  test('is refused when it lacks a checksum that holds, and when its numbers are not what events can give', () => {
    const decoded = type.fromBuffer(whole.subarray(wireHeaderBytes)) as { values: number[] }
    for (const [cell, wrong] of [
      [2, -1],
      [2, Number.NaN],
      [4, -1],
      [5, Number.POSITIVE_INFINITY],
    ]) {
      const values = decoded.values.with(cell, wrong)
      const body = resealed(type.toBuffer({ ...decoded, values }))
      expect(outcomeOf(Buffer.concat([whole.subarray(0, wireHeaderBytes), body]))).toMatchObject({ refused: 'damaged' })
    }
  })

  test('of a field that nobody profiles any more is passed over', () => {
    const stray: ProfileRecord = { key: Buffer.from('device\0x'), value: whole }
    expect(profiling.restored([...records, stray]).outcomes.at(-1)).toBe('unknown')
  })

  test('of all entities together leaves them as they were', () => {
    const key = Buffer.from('customer')
    expect(profiling.restored([{ key, value: whole }]).outcomes).toMatchObject([{ refused: 'damaged' }])
    expect(profiling.restored([{ key, value: null }]).outcomes).toEqual(['unknown'])
  })
})
