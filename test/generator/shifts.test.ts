import { describe, expect, it } from 'vitest'
import { type PlantedShifts, shiftAt, shiftsWithin } from '../../src/generator/shifts.ts'
import { createTransactionStream, type GeneratedEvent } from '../../src/generator/stream.ts'

const count = 100_000
const shifts = shiftsWithin(count)

function events(planted: PlantedShifts | undefined): GeneratedEvent[] {
  const stream = createTransactionStream({ flaws: [], invalid: 0, frauds: 0, ...(planted ? { shifts: planted } : {}) })
  return Array.from({ length: count }, () => stream.next())
}

const phoneShare = (part: readonly GeneratedEvent[]) =>
  part.filter((event) => event.transaction.channel === 'app').length / part.length
const meanLogAmount = (part: readonly GeneratedEvent[]) =>
  part.reduce((sum, event) => sum + Math.log(event.transaction.amount), 0) / part.length

describe('the planted shifts', () => {
  it('lie at 40 to 60 % and at 75 % of a stream of known length', () => {
    expect(shifts).toEqual({ gradual: { from: 40_000, to: 60_000 }, sudden: { at: 75_000 } })
  })

  it('grow evenly, or come at once, and stay', () => {
    const progress = [0, 40_000, 50_000, 60_000, 74_999, 75_000, 99_999].map((at) => shiftAt(shifts, at))
    expect(progress.map((state) => state.gradual)).toEqual([0, 0, 0.5, 1, 1, 1, 1])
    expect(progress.map((state) => state.sudden)).toEqual([0, 0, 0, 0, 0, 1, 1])
  })

  it('leave the stream before them as it was', () => {
    expect(events(shifts).slice(0, 40_000)).toEqual(events(undefined).slice(0, 40_000))
  })

  it('move phones and prices slowly, then make three of ten purchases small fares', () => {
    const shifted = events(shifts)
    const before = shifted.slice(0, 40_000)
    const halfway = shifted.slice(48_000, 52_000)
    const after = shifted.slice(60_000, 75_000)
    const last = shifted.slice(75_000)
    expect(phoneShare(halfway) - phoneShare(before)).toBeGreaterThan(0.1)
    expect(phoneShare(after) - phoneShare(halfway)).toBeGreaterThan(0.1)
    expect(meanLogAmount(after) - meanLogAmount(before)).toBeGreaterThan(0.2)
    expect(meanLogAmount(last) - meanLogAmount(after)).toBeLessThan(-0.5)
    expect(phoneShare(last) - phoneShare(after)).toBeGreaterThan(0.1)
  })

  it('make everything dearer and change nothing else', () => {
    const steady = events(undefined)
    const dearer = events({ dearer: { at: 50_000 } })
    expect(dearer.slice(0, 50_000)).toEqual(steady.slice(0, 50_000))
    expect(meanLogAmount(dearer.slice(50_000)) - meanLogAmount(steady.slice(50_000))).toBeCloseTo(Math.log(3), 1)
    const without = (part: readonly GeneratedEvent[]) => part.map(({ transaction }) => ({ ...transaction, amount: 0 }))
    expect(without(dearer)).toEqual(without(steady))
  })

  it('bring customers of a new kind, an eighth of all', () => {
    const planted = events({ senders: { at: 50_000 } })
    const isSending = ({ transaction: { channel, deviceRisk, amount } }: GeneratedEvent) =>
      channel === 'app' && deviceRisk !== null && deviceRisk >= 0.5 && amount > 300
    const share = (part: readonly GeneratedEvent[]) => part.filter(isSending).length / part.length
    expect(share(planted.slice(0, 50_000))).toBeLessThan(0.001)
    expect(share(planted.slice(50_000))).toBeCloseTo(1 / 8, 1)
  })

  it('do away with cash', () => {
    const planted = events({ cashless: { at: 50_000 } })
    const cash = (part: readonly GeneratedEvent[]) => part.filter(({ transaction }) => transaction.channel === 'atm')
    expect(cash(planted.slice(0, 50_000)).length).toBeGreaterThan(1_000)
    expect(cash(planted.slice(50_000))).toHaveLength(0)
  })

  it('are not there when none are planted', () => {
    const steady = events(undefined)
    const early = steady.slice(0, 40_000)
    const late = steady.slice(60_000)
    expect(Math.abs(phoneShare(late) - phoneShare(early))).toBeLessThan(0.02)
    expect(Math.abs(meanLogAmount(late) - meanLogAmount(early))).toBeLessThan(0.05)
  })
})
