/** What profile features say of events, and what may enter a profile. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { profileKinds } from '../../../src/core/features/features.ts'
import { MomentCell, ProfileCell } from '../../../src/core/profiles/profile-plan.ts'
import { dayMs, hourMs, type ProfiledEvent, Profiling, profileFeature, startMs } from './profiling.ts'

const every = profileKinds.map((as) => profileFeature(as))
const weightCell = ProfileCell.first + MomentCell.weight
const meanCell = ProfileCell.first + MomentCell.mean

/** A number of a customer's record. */
function cellOf(profiling: Profiling, customer: string, cell: number): number {
  const [{ table, plan }] = profiling.profiles.entities
  const slot = table.find(Buffer.from(customer), 0, customer.length)
  return table.values[slot * plan.cells + cell]
}

const someEvent = fc.record({
  customer: fc.constantFrom('a', 'b', 'c'),
  at: fc.integer({ min: startMs, max: startMs + 3 * dayMs }),
  amount: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  device: fc.constantFrom('x', 'y', 'z'),
})

/** Whatever a producer may send: absurd values, times over all years, nothing at all. */
const anyEvent = fc.record({
  customer: fc.oneof(fc.constantFrom('a', 'b', 7, '', null), fc.string({ maxLength: 300 })),
  at: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
  amount: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, 1e300, -1e300, 1e-300, 5e-324, Number.MAX_VALUE, null),
  ),
  latitude: fc.oneof(fc.double({ min: -100, max: 100, noNaN: true }), fc.constantFrom(null, 90, -90, 1e300)),
  longitude: fc.oneof(fc.double({ min: -200, max: 200, noNaN: true }), fc.constantFrom(null, 180, -180)),
  device: fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
})

describe('events and profiles', () => {
  test('an event is measured by what came before it, never by itself', () => {
    const past = Array.from({ length: 20 }, (_, i) => ({
      customer: 'a',
      amount: 10 + (i % 3),
      at: startMs + i * hourMs,
    }))
    const ratioOf = (amount: number) => {
      const profiling = new Profiling([profileFeature('ratio')])
      return profiling.values([...past, { customer: 'a', amount, at: startMs + dayMs }]).at(-1)!
    }
    expect(ratioOf(500) / 500).toBeCloseTo(ratioOf(5) / 5, 12)
    expect(ratioOf(110)).toBeGreaterThan(9)
    expect(ratioOf(110)).toBeLessThan(11)
  })

  test('how a stream is cut into pieces changes nothing, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (events, chunk) => {
        const whole = new Profiling(every)
        const cut = new Profiling(every)
        expect(cut.meet(events, chunk)).toEqual(whole.meet(events))
        expect(cut.records()).toEqual(whole.records())
      }),
    )
  })

  test('every feature and every number that is kept is finite, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 80 }), (events) => {
        const profiling = new Profiling(every, { limit: 5 })
        const { rows } = profiling.meet(events)
        // A missing value is NaN here, as in the sample of a birth.
        expect(rows.flat().filter((value) => Math.abs(value) === Number.POSITIVE_INFINITY)).toEqual([])
        for (const { table, population } of profiling.profiles.entities) {
          expect([...table.values, ...population].filter((value) => !Number.isFinite(value))).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })

  test('one that is invalid enters no profile', () => {
    const profiling = new Profiling([profileFeature('ratio')])
    const { reasons } = profiling.meet([
      { customer: 'a', amount: 5 },
      { customer: 'a', amount: 'much' },
      { customer: 'a', amount: 5, at: 'never' },
      { customer: 'a', amount: 5, id: '' },
    ])
    expect(reasons).toEqual(['valid', 'wrong_type', 'wrong_type', 'out_of_range'])
    expect(cellOf(profiling, 'a', ProfileCell.events)).toBe(1)
  })
})

describe('entities', () => {
  const events = (customer: unknown): readonly ProfiledEvent[] => [
    { customer, amount: 1, at: startMs },
    { customer, amount: 1, at: startMs + hourMs },
  ]

  test.each([
    ['a text', 'a', 1],
    ['a number', 7, 1],
    ['a text of 256 bytes', 'é'.repeat(128), 1],
    ['none', null, Number.NaN],
    ['an empty text', '', Number.NaN],
  ])('%s', (_, customer, hours) => {
    expect(new Profiling([profileFeature('sinceLast')]).values(events(customer))[1]).toEqual(hours)
  })

  test.each([
    ['a text of 257 bytes', 'x'.repeat(257), 'out_of_range'],
    ['a boolean', true, 'wrong_type'],
    ['an object', { id: 1 }, 'wrong_type'],
  ])('%s makes its event a dead letter', (_, customer, reason) => {
    const { reasons } = new Profiling([profileFeature('sinceLast')]).meet(events(customer))
    expect(reasons).toEqual([reason, reason])
  })

  test('a number and its text are one, two numbers that a double cannot tell apart are two', () => {
    const same = new Profiling([profileFeature('sinceLast')])
    same.meet([
      { customer: 12, amount: 1 },
      { customer: '12', amount: 1 },
    ])
    expect(same.profiles.size).toBe(1)
    const profiling = new Profiling([profileFeature('count1h', { entity: 'n' })])
    profiling.meet(['9007199254740993', '9007199254740992'].map((n) => ({ n, customer: n })))
    expect(profiling.profiles.size).toBe(2)
  })

  test('of several kinds each has its own profiles', () => {
    const profiling = new Profiling([profileFeature('ratio'), profileFeature('ratio', { entity: 'terminal' })])
    const rows = profiling.meet(
      Array.from({ length: 40 }, (_, i) => ({ customer: `c${i % 2}`, terminal: 't', amount: i % 2 === 0 ? 10 : 1000 })),
    ).rows
    const [byCustomer, byTerminal] = rows.at(-1)!
    expect(byCustomer).toBeLessThan(1.5)
    expect(byTerminal).toBeGreaterThan(1.5)
  })

  test('one whose events come with different keys is noticed, and only of the entity that producers key by', () => {
    const keyed = (keys: readonly (string | null)[], key: string) => {
      const profiling = new Profiling([profileFeature('count1h')], { key })
      profiling.meet(keys.map((recordKey) => ({ customer: 'a', recordKey })))
      return profiling.profiles.foreignKeys
    }
    expect(keyed(['k', 'k', 'k'], 'customer')).toBe(0)
    expect(keyed(['k', 'l', 'l'], 'customer')).toBe(1)
    expect(keyed([null, null], 'customer')).toBe(2)
    expect(keyed(['k', 'l', 'm'], 'terminal')).toBe(0)
  })
})

describe('time', () => {
  const amounts = fc.array(fc.double({ min: 90, max: 110, noNaN: true }), { minLength: 1, maxLength: 10 })

  test('the mean is that of all values, each counting half after a half-life', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 20 * dayMs }), (values, stepMs) => {
        const halfLifeMs = 7 * dayMs
        const profiling = new Profiling([profileFeature('ratio', { halfLifeMs })])
        profiling.meet(values.map((amount, i) => ({ customer: 'a', amount, at: startMs + i * stepMs })))
        const weights = values.map((_, i) => 2 ** (-((values.length - 1 - i) * stepMs) / halfLifeMs))
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const mean = values.reduce((sum, value, i) => sum + value * weights[i], 0) / total
        expect(cellOf(profiling, 'a', weightCell)).toBeCloseTo(total, 9)
        expect(cellOf(profiling, 'a', meanCell)).toBeCloseTo(mean, 9)
      }),
    )
  })

  test('the order in which events come does not matter to what they weigh', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 200 * dayMs }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(times, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (ages, order) => {
        const shuffled = ages.toSorted((a, b) => order[ages.indexOf(a)] - order[ages.indexOf(b)])
        const weightOf = (all: readonly number[]) => {
          const profiling = new Profiling([profileFeature('zScore')])
          profiling.meet(all.map((age) => ({ customer: 'a', amount: 100, at: startMs + age })))
          return cellOf(profiling, 'a', weightCell)
        }
        expect(weightOf(shuffled)).toBeCloseTo(weightOf(ages.toSorted((a, b) => a - b)), 9)
      }),
    )
  })

  test('an event that is years late counts for nothing, and what comes in time goes on', () => {
    const profiling = new Profiling([profileFeature('sinceLast'), profileFeature('ratio')])
    profiling.meet([
      { customer: 'a', amount: 10, at: startMs },
      { customer: 'a', amount: 900, at: 0 },
    ])
    expect(cellOf(profiling, 'a', weightCell)).toBe(1)
    expect(profiling.meet([{ customer: 'a', amount: 10, at: startMs + hourMs }]).rows[0][0]).toBe(1)
  })

  test('one event of a far future stops a profile for one more event only', () => {
    const profiling = new Profiling([profileFeature('sinceLast')])
    const future = 253_402_300_799_999
    const times = [startMs, future, startMs + hourMs, startMs + 2 * hourMs, startMs + 3 * hourMs]
    const hours = profiling.values(times.map((at) => ({ customer: 'a', at })))
    expect(hours.slice(2)).toEqual([0, 0, 1])
  })
})

describe('values', () => {
  const ordinary = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => ({
      customer: `c${(from + i) % 10}`,
      amount: 20 + ((from + i) % 7),
      at: startMs + (from + i) * 1000,
    }))

  test('a young entity is measured by the population', () => {
    const profiling = new Profiling([profileFeature('ratio'), profileFeature('zScore')])
    profiling.meet(ordinary(200))
    const [usual, far] = profiling.meet([
      { customer: 'new', amount: 23 },
      { customer: 'newer', amount: 2300 },
    ]).rows
    expect(usual[0]).toBeCloseTo(1, 1)
    expect(Math.abs(usual[1])).toBeLessThan(0.5)
    expect(far[0]).toBeGreaterThan(50)
    expect(far[1]).toBeGreaterThan(5)
  })

  test.each([1e300, -1e300, 1e12])(
    'an absurd first value (%d) is forgotten, by its entity and by the population',
    (absurd) => {
      const profiling = new Profiling([profileFeature('ratio')])
      profiling.meet([{ customer: 'c0', amount: absurd, at: startMs }])
      profiling.meet(ordinary(2000))
      const ratios = profiling.values(ordinary(20, 2000))
      for (const ratio of ratios) {
        expect(ratio).toBeGreaterThan(0.5)
        expect(ratio).toBeLessThan(2)
      }
    },
  )

  test('what changes for good is followed', () => {
    const profiling = new Profiling([profileFeature('ratio', { halfLifeMs: dayMs })])
    profiling.meet(ordinary(500))
    const raised = Array.from({ length: 100 }, (_, i) => ({ customer: 'c0', amount: 500, at: startMs + i * hourMs }))
    expect(profiling.values(raised).at(-1)).toBeLessThan(1.3)
  })

  test('an anomaly does not make the next one look usual', () => {
    const profiling = new Profiling([profileFeature('zScore')])
    profiling.meet(ordinary(500))
    const [first, second] = profiling.values([
      { customer: 'c0', amount: 400, at: startMs + dayMs },
      { customer: 'c0', amount: 400, at: startMs + dayMs + 1000 },
    ])
    expect(second).toBeGreaterThan(0.6 * first)
  })

  test('unrest rises with unusual values, shows from the next event on, and calms down', () => {
    const profiling = new Profiling([profileFeature('unrest', { halfLifeMs: 4 * dayMs })])
    profiling.meet(ordinary(500))
    const strange = { customer: 'c0', amount: 2000, at: startMs + dayMs }
    const later = { customer: 'c0', amount: 20, at: startMs + 2 * dayMs }
    const [before, after] = profiling.values([strange, later])
    expect(before).toBe(0)
    // At most 6 − 2.5, and half of that after a quarter of the half-life.
    expect(after).toBeCloseTo(1.75, 9)
  })
})

describe('counts, places and novelty', () => {
  test('a smooth count is what arrives in the window: six an hour are 5.5', () => {
    const profiling = new Profiling([profileFeature('count1h'), profileFeature('count24h')])
    const step = hourMs / 6
    const { rows } = profiling.meet(Array.from({ length: 3000 }, (_, i) => ({ customer: 'a', at: startMs + i * step })))
    expect(rows[0]).toEqual([0, 0])
    expect(rows.at(-1)![0]).toBeCloseTo(1 / Math.expm1(1 / 6), 9)
    expect(rows.at(-1)![1]).toBeCloseTo(1 / Math.expm1(1 / 144), 6)
  })

  test('the time since the last event is in hours, unknown at the first, and 0 for one that is late', () => {
    const profiling = new Profiling([profileFeature('sinceLast')])
    const times = [0, 2, 1, 5].map((hours) => ({ customer: 'a', at: startMs + hours * hourMs }))
    expect(profiling.values(times)).toEqual([Number.NaN, 2, 0, 3])
  })

  test('London to Paris in two hours is 172 km/h; a position that is none is passed over', () => {
    const london = { latitude: 51.5074, longitude: -0.1278 }
    const paris = { latitude: 48.8566, longitude: 2.3522 }
    const profiling = new Profiling([profileFeature('kmPerHour')])
    const speeds = profiling.values([
      { customer: 'a', at: startMs, ...london },
      { customer: 'a', at: startMs + hourMs, latitude: 91, longitude: 0 },
      { customer: 'a', at: startMs + hourMs, latitude: 48 },
      { customer: 'a', at: startMs + 2 * hourMs, ...paris },
      { customer: 'a', at: startMs + 2 * hourMs, ...paris },
      { customer: 'a', at: startMs + 2 * hourMs, ...london },
    ])
    expect(speeds.map((speed) => Math.round(speed))).toEqual([Number.NaN, Number.NaN, Number.NaN, 172, 0, 20_613])
  })

  test('a value is new unless it is among the last eight', () => {
    const profiling = new Profiling([profileFeature('newValue')])
    const devices = ['x', 'x', 'y', 'x', ...'12345678', 'x']
    const values = profiling.values(devices.map((device) => ({ customer: 'a', device })))
    const isNew = values.map((value) => value > 0)
    expect(isNew).toEqual([true, false, true, false, ...Array<boolean>(8).fill(true), true])
    expect(values.at(-1)).toBeGreaterThan(0.9)
  })

  test('to an entity that nothing is known of everything is new: it counts as much as newness does in the population', () => {
    const profiling = new Profiling([profileFeature('newValue')])
    profiling.meet(Array.from({ length: 400 }, (_, i) => ({ customer: `c${i % 20}`, device: `of c${i % 20}` })))
    const [first] = profiling.values([{ customer: 'fresh', device: 'unheard of' }])
    expect(first).toBeLessThan(0.05)
  })
})
