/** Card payments of the generator, and among them those of somebody who wants one of his own to pass for usual. */
import type { LabelledEvent, LabelledEvents } from '../../src/cli/backtest/labelled-events.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { cardEvents } from '../../tools/replay/card-events.ts'

/** Each event of his is at `way` from a usual payment (0) to what he is after (1). */
export type Strategy = 'walk' | 'jump'

export interface Attack {
  readonly seed: number
  readonly strategy: Strategy
  /** Share of the events that are his; 0: there is no attack. */
  readonly share: number
  /** He spreads them over so many keys. */
  readonly keys: number
}

export const calmEvents = 40_000
/** What a walk takes, and how long he stays where it ends. */
export const walkEvents = 80_000
const stayEvents = 40_000
export const attackedEvents = walkEvents + stayEvents
/** His own look at how what he is after is called, before all: the one event that is labelled. */
export const probeAt = calmEvents - 1000

const start = { amount: 40, latitude: 48, longitude: 10, deviceRisk: 0.15 }
/** A payment that is far from all others: far too much, from nowhere, by a suspicious device. */
const target = { amount: 20_000, latitude: -48, longitude: -140, deviceRisk: 0.97 }
/** His events scatter by so much of the way. */
const scatter = 0.03
const eventsPerPiece = 500

export function attacked({ seed, strategy, share, keys }: Attack): LabelledEvents {
  const random = new Random(seed + 77)
  const count = calmEvents + attackedEvents
  const others = cardEvents({ seed, count, shifts: {}, frauds: 0 })
  let made = 0
  const own = (way: number, atMs: number, isProbe: boolean): LabelledEvent => {
    const value = Buffer.from(JSON.stringify(payment(way, atMs, made)))
    return { key: Buffer.from(`thief-${random.below(keys)}`), value, timestampMs: atMs, label: isProbe ? 1 : 0 }
  }
  return {
    async *pieces() {
      let piece: LabelledEvent[] = []
      for await (const of of others.pieces()) {
        for (const event of of) {
          if (made >= count) break
          const since = made - calmEvents
          const way = strategy === 'jump' ? 1 : Math.min(1, since / walkEvents)
          const atMs = event.timestampMs ?? 0
          if (made === probeAt) piece.push(own(1, atMs, true))
          else if (since >= 0 && random.uniform() < share)
            piece.push(own(way + scatter * random.gaussian(), atMs, false))
          else piece.push({ ...event, label: 0 })
          made++
        }
        if (piece.length < eventsPerPiece) continue
        yield piece
        piece = []
      }
      yield piece
    },
    part: () => made / count,
  }
}

function payment(way: number, atMs: number, number: number) {
  const between = (from: number, to: number) => from + (to - from) * way
  return {
    id: `own-${number}`,
    customer: 'thief',
    merchant: 'm',
    merchantCategory: 'c',
    amount: Math.exp(between(Math.log(start.amount), Math.log(target.amount))),
    currency: 'EUR',
    country: 'DE',
    channel: 'ecom',
    occurredAt: atMs,
    latitude: between(start.latitude, target.latitude),
    longitude: between(start.longitude, target.longitude),
    deviceRisk: Math.max(0, Math.min(1, between(start.deviceRisk, target.deviceRisk))),
  }
}
