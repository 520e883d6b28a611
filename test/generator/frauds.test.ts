import { describe, expect, it } from 'vitest'
import { type FraudKind, fraudKinds } from '../../src/generator/frauds.ts'
import { createTransactionStream, type GeneratedEvent } from '../../src/generator/stream.ts'

const stream = createTransactionStream({ flaws: [], invalid: 0, frauds: 0.02 })
const events = Array.from({ length: 150_000 }, () => stream.next())
const of = (kind: FraudKind | null) => events.filter((event) => event.fraud === kind).map((event) => event.transaction)
const honest = of(null)

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]
const share = <T>(items: readonly T[], is: (item: T) => boolean) => items.filter(is).length / items.length
const risk = (event: { readonly deviceRisk: number | null }) => event.deviceRisk ?? 0
const euros = (items: readonly GeneratedEvent['transaction'][]) =>
  items.filter((item) => item.currency === 'EUR').map((item) => item.amount)

describe('the planted frauds', () => {
  it('are of each kind in about its share', () => {
    const frauds = events.flatMap((event) => event.fraud ?? [])
    const shares = fraudKinds.map((kind) => share(frauds, (each) => each === kind))
    const wanted = [0.2, 0.2, 0.2, 0.2, 0.12, 0.08]
    for (const [index, value] of shares.entries()) expect(Math.abs(value - wanted[index])).toBeLessThan(0.06)
  })

  it('card testing: tiny sums of many customers at few merchants online', () => {
    const tests = of('card_testing')
    expect(Math.max(...euros(tests))).toBeLessThanOrEqual(3)
    expect(share(tests, (event) => event.channel === 'ecom')).toBe(1)
    expect(new Set(tests.map((event) => event.customer)).size).toBeGreaterThan(
      5 * new Set(tests.map((event) => event.merchant)).size,
    )
  })

  it('out of habit: many times what is usual', () => {
    expect(median(euros(of('out_of_habit')))).toBeGreaterThan(10 * median(euros(honest)))
  })

  it('impossible travel: always at a place, and abroad', () => {
    const neighbours = ['DE', 'FR', 'NL', 'CH']
    const lastHonest = new Map(honest.map((event) => [event.customer, event.country]))
    const travels = of('impossible_travel').filter((event) => neighbours.includes(lastHonest.get(event.customer) ?? ''))
    expect(share(travels, (event) => event.latitude !== null)).toBe(1)
    expect(share(travels, (event) => neighbours.includes(event.country))).toBe(0)
  })

  it('stolen online: at night and from strange devices', () => {
    const stolen = of('stolen_online')
    expect(share(stolen, (event) => new Date(event.occurredAt).getUTCHours() < 6)).toBeGreaterThan(0.95)
    const shop = honest.filter((event) => event.channel === 'ecom')
    expect(median(stolen.map(risk))).toBeGreaterThan(3 * median(shop.map(risk)))
  })

  it('collusion: one round sum at one merchant', () => {
    const colluding = of('merchant_collusion').filter((event) => event.currency === 'EUR')
    const sums = new Set(colluding.map((event) => `${event.merchant} ${event.amount}`))
    expect(colluding.length).toBeGreaterThan(3 * sums.size)
  })

  it('cash out: large sums from machines', () => {
    const drawn = of('cash_out')
    expect(share(drawn, (event) => event.channel === 'atm')).toBe(1)
    expect(Math.min(...euros(drawn))).toBeGreaterThanOrEqual(380)
  })

  it('are not given away by one field alone: honest people travel, splurge and change their phones', () => {
    expect(share(honest, (event) => risk(event) > 0.5)).toBeGreaterThan(0.001)
    expect(share(honest, (event) => event.country === 'US')).toBeGreaterThan(0.0001)
    expect(euros(honest).filter((amount) => amount > 1000).length).toBeGreaterThan(euros(of('out_of_habit')).length / 4)
  })
})
