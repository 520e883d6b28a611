/** Events of a mixture of normal clouds, as many as are wanted: stationary, and made as they are read. */
import type { LabelledEvent, LabelledEvents } from '../../src/cli/backtest/labelled-events.ts'
import { Random } from '../../src/core/kmeans/random.ts'

export interface Cloud {
  readonly centre: readonly number[]
  readonly spread: number
  readonly weight: number
}

const eventsPerPiece = 1000

/** Clouds of different weights and widths, some of which overlap; the more, the wider they are. */
export function clouds(count: number, d: number, seed: number, widest = 8): readonly Cloud[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => ({
    centre: Array.from({ length: d }, () => 100 * random.uniform()),
    spread: (0.25 + 0.75 * random.uniform()) * widest,
    weight: 0.2 + random.uniform(),
  }))
}

export function weightOf(all: readonly Cloud[]): number {
  return all.reduce((sum, { weight }) => sum + weight, 0)
}

/** Draws points, one after the other. */
export function pointsOf(of: readonly Cloud[], random: Random): () => number[] {
  const total = weightOf(of)
  return () => {
    let left = random.uniform() * total
    const cloud = of.find(({ weight }) => {
      left -= weight
      return left < 0
    })
    const { centre, spread } = cloud ?? of[of.length - 1]
    return centre.map((value) => value + spread * random.gaussian())
  }
}

/**
 * Events whose fields f0, f1, … are the points'; `pointAt` gives the point of an event by its number, `timeAt` its time
 * in ms.
 */
export function pointEvents(
  count: number,
  pointAt: (number: number) => readonly number[],
  timeAt?: (number: number) => number,
): LabelledEvents {
  let made = 0
  return {
    async *pieces() {
      while (made < count) {
        const piece = Array.from({ length: Math.min(eventsPerPiece, count - made) }, (): LabelledEvent => {
          const fields = pointAt(made).map((value, f) => `"f${f}":${value.toFixed(4)}`)
          const timestampMs = timeAt === undefined ? null : timeAt(made)
          return { key: null, value: Buffer.from(`{"id":${made++},${fields.join(',')}}`), timestampMs, label: -1 }
        })
        yield piece
      }
    },
    part: () => made / count,
  }
}
