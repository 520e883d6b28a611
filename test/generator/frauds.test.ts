import { describe, expect, it } from 'vitest'
import { randomFor } from '../../src/generator/chance.ts'
import { createPopulation } from '../../src/generator/customers.ts'
import { type FraudKind, fraudKinds } from '../../src/generator/frauds.ts'
import { kilometresBetween } from '../../src/generator/geography.ts'
import { createMarket } from '../../src/generator/merchants.ts'
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
    const wanted = [0.2, 0.2, 0.2, 0.08, 0.12, 0.2]
    for (const [index, value] of shares.entries()) expect(Math.abs(value - wanted[index])).toBeLessThan(0.02)
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

  it('impossible travel: at a place more than 1,500 km from home', () => {
    const random = randomFor(1, 'world')
    const { customers } = createPopulation(2_000, createMarket(1_000, random), random)
    const homes = new Map(customers.map((customer) => [customer.id, customer]))
    const away = of('impossible_travel').map(({ customer, latitude, longitude }) =>
      kilometresBetween(homes.get(customer)!, { latitude: latitude!, longitude: longitude! }),
    )
    // Merchants lie some kilometres from the middle of their city.
    expect(Math.min(...away)).toBeGreaterThan(1_450)
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
