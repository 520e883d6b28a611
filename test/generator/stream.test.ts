import { describe, expect, it } from 'vitest'
import { flawsOf } from '../../src/generator/flaws.ts'
import { fraudKinds } from '../../src/generator/frauds.ts'
import {
  createTransactionStream,
  type GeneratedEvent,
  type TransactionStreamOptions,
} from '../../src/generator/stream.ts'

const take = (count: number, options: Partial<TransactionStreamOptions> = {}): GeneratedEvent[] => {
  const stream = createTransactionStream({ flaws: flawsOf('avro'), ...options })
  return Array.from({ length: count }, () => stream.next())
}
const share = (events: readonly GeneratedEvent[], of: (event: GeneratedEvent) => boolean) =>
  events.filter(of).length / events.length

describe('the stream of transactions', () => {
  it('is decided by its seed', () => {
    expect(take(5_000, { seed: 7 })).toEqual(take(5_000, { seed: 7 }))
    expect(take(100, { seed: 7 })).not.toEqual(take(100, { seed: 8 }))
  })

  it('never goes back in time, and numbers its events from 0', () => {
    const events = take(20_000, { frauds: 0.05 })
    const times = events.map((event) => event.transaction.occurredAt)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index))
    expect(new Set(events.map((event) => event.transaction.id)).size).toBe(events.length)
  })

  it('keeps to the shares of frauds and invalid records', () => {
    const events = take(200_000, { frauds: 0.01, invalid: 0.02 })
    expect(share(events, (event) => event.fraud !== null)).toBeCloseTo(0.01, 2.5)
    expect(share(events, (event) => event.flaw !== null)).toBeCloseTo(0.02, 2.5)
  })

  it('has every kind of fraud and every flaw', () => {
    const events = take(100_000)
    expect(new Set(events.flatMap((event) => event.fraud ?? []))).toEqual(new Set(fraudKinds))
    expect(new Set(events.flatMap((event) => event.flaw ?? []))).toEqual(new Set(flawsOf('avro')))
  })

  it('has neither frauds nor flaws when their shares are 0', () => {
    const events = take(20_000, { frauds: 0, invalid: 0 })
    expect(events.filter((event) => event.fraud !== null || event.flaw !== null)).toEqual([])
  })

  it('has the same transactions whatever share of its records is invalid', () => {
    const transactions = (invalid: number) => take(5_000, { invalid }).map((event) => event.transaction)
    expect(transactions(0.5)).toEqual(transactions(0))
  })

  it('never says in the event whether it is a fraud', () => {
    const [event] = take(1)
    expect(Object.keys(event.transaction)).toEqual([
      'id',
      'customer',
      'merchant',
      'merchantCategory',
      'amount',
      'currency',
      'country',
      'channel',
      'occurredAt',
      'latitude',
      'longitude',
      'deviceRisk',
    ])
  })

  it('has as many events a second as it was asked for, over a week', () => {
    const events = take(121_000, { eventsPerSecond: 0.2, frauds: 0 })
    const seconds = (events.at(-1)!.transaction.occurredAt - events[0].transaction.occurredAt) / 1000
    expect(events.length / seconds / 0.2).toBeGreaterThan(0.97)
    expect(events.length / seconds / 0.2).toBeLessThan(1.03)
  })

  it('is busier at noon than at four in the morning, and differs between Wednesday and Sunday', () => {
    const events = take(140_000, { frauds: 0 })
    const hours = new Map<string, number>()
    for (const { transaction } of events) {
      const at = new Date(transaction.occurredAt)
      const hour = `${at.getUTCDay()}-${at.getUTCHours()}`
      hours.set(hour, (hours.get(hour) ?? 0) + 1)
    }
    expect(hours.get('3-12')!).toBeGreaterThan(5 * hours.get('3-4')!)
    expect(hours.get('3-8')!).toBeGreaterThan(1.5 * hours.get('0-8')!)
  })

  it.each([
    ['customers must be between 1 and 10000000: got 0', { customers: 0 }],
    ['merchants must be between 104 and 1000000: got 10', { merchants: 10 }],
    ['frauds must be between 0 and 0.5: got 2', { frauds: 2 }],
    ['invalid must be between 0 and 1: got NaN', { invalid: Number.NaN }],
  ])('refuses: %s', (message, options) => {
    expect(() => take(1, options)).toThrow(new RangeError(message))
  })
})
