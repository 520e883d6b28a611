/** The same detector on a change that comes at once and on one that comes little by little. */
import { cardsPerDay } from '../replay/card-events.ts'
import { distancePlot, shiftAt, traceCards } from './drift-cards.ts'
import { plate } from './plate.ts'

const over = 20_000
const count = shiftAt + over + 2 * cardsPerDay
const from = shiftAt - 2 * cardsPerDay

export async function driftKinds(): Promise<string> {
  const sudden = await traceCards(count, { sudden: { at: shiftAt } })
  const gradual = await traceCards(count, { gradual: { from: shiftAt, to: shiftAt + over } })
  return plate([
    distancePlot(sudden, {
      title: 'At once: three of ten purchases are small fares',
      caption: 'From one window to the next the channel and the amount are others.',
      ...{ from, to: count, of: ['channel', 'amount', 'deviceRisk'], mark: { name: 'shift', at: [shiftAt] } },
    }),
    distancePlot(gradual, {
      title: 'Little by little: phones replace cards, prices rise',
      caption: 'Over 20,000 events; it is told when it is above the threshold, as one that is still on its way.',
      ...{ from, to: count, of: ['channel', 'amount', 'deviceRisk'] },
      mark: { name: 'begins, ends', at: [shiftAt, shiftAt + over] },
    }),
  ])
}
