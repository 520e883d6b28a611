/** Changes planted in generated card transactions, with their rhythm of the day and the week, their journeys and frauds. */
import type { PlantedShifts } from '../../src/generator/shifts.ts'
import { cardEvents, cardsPerDay, driftConfiguration, usualFrauds } from '../../tools/replay/card-events.ts'
import type { Plant, Scenario } from './planted.ts'

const daysToLearn = 4
/** Ten days have a weekend, and each hour has been seen often enough. */
const plantAt = (seed: number) => 10 * cardsPerDay + ((seed * 377) % 1000)
const afterPlant = 20_000
const gradualEvents = 20_000
const stationaryEvents = 200_000

interface Planting {
  readonly shifts: PlantedShifts
  readonly kinds: readonly string[]
  readonly features: readonly string[]
  readonly over?: number
}

function scenario(
  name: string,
  title: string,
  isSudden: boolean,
  planting: ((at: number) => Planting) | null,
): Scenario {
  return {
    name: `card-${name}`,
    title: `cards: ${title}`,
    isSudden,
    hasCycle: true,
    isEndless: false,
    stream(seed, wanted) {
      const at = plantAt(seed)
      const planted = planting?.(at) ?? null
      const until = at + (planted?.over ?? 0)
      const count = planted === null ? (wanted ?? stationaryEvents) : until + afterPlant
      const plant: Plant | null =
        planted === null ? null : { at, until, kinds: planted.kinds, features: planted.features }
      return {
        configuration: { ...driftConfiguration, clusters: { seed } },
        events: cardEvents({ seed, count, shifts: planted?.shifts ?? {}, frauds: usualFrauds }),
        count,
        plant,
        judgedFrom: daysToLearn * cardsPerDay,
      }
    },
  }
}

export const cards: readonly Scenario[] = [
  scenario('stationary', 'nothing changes but the hour and the weekday', false, null),
  scenario('one-feature', 'all amounts are three times what they were', true, (at) => ({
    shifts: { dearer: { at } },
    kinds: ['featureOnly'],
    features: ['amount'],
  })),
  scenario('gradual', 'phones replace cards, prices rise by a third, over 20,000 events', false, (at) => ({
    shifts: { gradual: { from: at, to: at + gradualEvents } },
    kinds: ['gradual'],
    features: ['channel', 'amount', 'deviceRisk', 'latitude', 'longitude'],
    over: gradualEvents,
  })),
  // Both names fit: it is sudden, and the fares are a place where hardly anything was.
  scenario('fares', 'three of ten purchases are small fares', false, (at) => ({
    shifts: { sudden: { at } },
    kinds: ['sudden', 'newCluster'],
    features: [],
  })),
  scenario('new-cluster', 'one purchase in eight is of a new kind', false, (at) => ({
    shifts: { senders: { at } },
    kinds: ['newCluster'],
    features: [],
  })),
  scenario('lost-cluster', 'nobody draws cash', false, (at) => ({
    shifts: { cashless: { at } },
    kinds: ['lostCluster'],
    features: [],
  })),
]
