/** The generator's card payments as labelled events. */
import type { LabelledEvents } from '../../src/cli/backtest/labelled-events.ts'
import { generatorSource } from '../../src/cli/generator-source.ts'
import type { PlantedShifts } from '../../src/generator/shifts.ts'
import type { Transaction } from '../../src/generator/transaction.ts'

/** In the mean over the week. */
export const cardsPerDay = 8_000

/** What the clusters see of them where drift is looked for. */
export const driftConfiguration = {
  input: { format: 'json', time: 'occurredAt' },
  features: [
    { field: 'amount', transform: 'log', missing: 'reject' },
    { field: 'occurredAt', transform: 'hourOfDay', missing: 'reject' },
    { field: 'latitude' },
    { field: 'longitude' },
    { field: 'deviceRisk' },
    { field: 'channel', transform: { oneHot: ['pos', 'ecom', 'atm', 'app'] } },
  ],
}
/** Share of frauds there. */
export const usualFrauds = 0.005

export interface WantedCards {
  readonly seed: number
  readonly count: number
  readonly shifts: PlantedShifts
  /** Share of frauds. */
  readonly frauds: number
}

/** Valid events, with their own times and frauds for anomalies; `onEvent` is told of each as it is made. */
export function cardEvents(
  wanted: WantedCards,
  onEvent: (transaction: Transaction, isFraud: boolean) => void = () => {},
): LabelledEvents {
  const source = generatorSource({ ...wanted, invalid: 0, wireIds: null })
  return {
    async *pieces() {
      for await (const piece of source.pieces()) {
        yield piece.map(({ generated: { transaction, fraud }, key, value }) => {
          const isFraud = fraud !== null
          onEvent(transaction, isFraud)
          return { key, value, timestampMs: transaction.occurredAt, label: isFraud ? (1 as const) : (0 as const) }
        })
      }
    },
    part: () => source.progress().done / wanted.count,
  }
}
