/** Changes planted in a mixture of normal clouds, where it is known exactly what changes, and by how much. */
import { Random } from '../../src/core/kmeans/random.ts'
import { type Cloud, clouds, pointEvents, pointsOf, weightOf } from '../quality/mixture-stream.ts'
import type { Plant, Scenario } from './planted.ts'

const d = 6
const cloudCount = 8
const dayMs = 86_400_000
const dayEvents = 20_000
const afterPlant = 20_000
/** Events that a gradual change takes. */
const gradualEvents = 20_000
const newShare = 0.12
/** A day of the cycle is known once it has been seen so often. */
const daysToLearn = 4
const fields = Array.from({ length: d }, (_, f) => `f${f}`)
const anyOfClusters = { features: [] }

interface World {
  readonly clouds: readonly Cloud[]
  /** Of the whole mixture, by feature. */
  readonly deviations: readonly number[]
  readonly random: Random
}

/** Clouds that lie apart for even seeds, and such as overlap for odd ones. */
function worldOf(seed: number): World {
  const of = clouds(cloudCount, d, seed, seed % 2 === 0 ? 8 : 25)
  const total = weightOf(of)
  const deviations = fields.map((_, f) => {
    const mean = of.reduce((sum, { centre, weight }) => sum + (weight / total) * centre[f], 0)
    const variance = of.reduce(
      (sum, { centre, spread, weight }) => sum + (weight / total) * ((centre[f] - mean) ** 2 + spread ** 2),
      0,
    )
    return Math.sqrt(variance)
  })
  return { clouds: of, deviations, random: new Random(seed + 1) }
}

/** Not where a batch begins. */
const plantAt = (seed: number) => 40_000 + ((seed * 377) % 1000)
const timeAt = (number: number) => (number * dayMs) / dayEvents

type PointAt = (number: number) => readonly number[]

interface Planting {
  readonly pointAt: PointAt
  readonly count: number
  readonly plant: Plant | null
  readonly judgedFrom?: number
}

function scenario(
  name: string,
  title: string,
  isSudden: boolean,
  planting: (world: World, seed: number, count: number | undefined) => Planting,
): Scenario {
  return {
    name,
    title,
    isSudden,
    hasCycle: name.startsWith('daily'),
    isEndless: name === 'stationary',
    stream(seed, wanted) {
      const { pointAt, count, plant, judgedFrom = 0 } = planting(worldOf(seed), seed, wanted)
      return {
        configuration: {
          input: { format: 'json', time: null },
          features: fields.map((field) => ({ field })),
          clusters: { seed },
          // Only where points have one more number than features.
          ...(name === 'segment' ? { drift: { segmentField: `f${d}` } } : {}),
        },
        events: pointEvents(count, pointAt, timeAt),
        count,
        plant,
        judgedFrom,
      }
    },
  }
}

/** All clouds move by one standard deviation of each of these features. */
function shifted({ clouds: of, deviations, random }: World, seed: number, features: number, over: number): Planting {
  const at = plantAt(seed)
  const changed = Array.from({ length: features }, (_, i) => (seed + 2 * i) % d)
  const signs = changed.map(() => (random.uniform() < 0.5 ? -1 : 1))
  const draw = pointsOf(of, random)
  return {
    pointAt(number) {
      const point = draw()
      const gone = number < at ? 0 : Math.min(1, over === 0 ? 1 : (number - at) / over)
      for (let i = 0; i < features; i++) point[changed[i]] += signs[i] * gone * deviations[changed[i]]
      return point
    },
    count: at + over + afterPlant,
    plant: {
      at,
      until: at + over,
      kinds: over > 0 ? ['gradual'] : features === 1 ? ['featureOnly'] : ['sudden'],
      features: changed.map((f) => fields[f]),
    },
  }
}

function appeared({ clouds: of, random }: World, seed: number): Planting {
  const at = plantAt(seed)
  const total = weightOf(of)
  const spread = Math.min(...of.map((cloud) => cloud.spread))
  const cloud = { centre: farthest(of, random), spread, weight: (total * newShare) / (1 - newShare) }
  const [before, after] = [pointsOf(of, random), pointsOf([...of, cloud], random)]
  return {
    pointAt: (number) => (number < at ? before() : after()),
    count: at + afterPlant,
    plant: { at, until: at, kinds: ['newCluster'], ...anyOfClusters },
  }
}

/** Of many places the one whose nearest cloud is farthest away. */
function farthest(of: readonly Cloud[], random: Random): readonly number[] {
  const places = Array.from({ length: 500 }, () => fields.map(() => 100 * random.uniform()))
  const away = places.map((place) =>
    Math.min(...of.map(({ centre }) => Math.hypot(...centre.map((value, f) => value - place[f])))),
  )
  return places[away.indexOf(Math.max(...away))]
}

function disappeared({ clouds: of, random }: World, seed: number): Planting {
  const at = plantAt(seed)
  const total = weightOf(of)
  // The cloud whose share is next to an eighth: its loss is neither half of the stream nor a trifle.
  const far = of.map(({ weight }) => Math.abs(weight / total - 1 / cloudCount))
  const lost = far.indexOf(Math.min(...far))
  const [before, after] = [pointsOf(of, random), pointsOf(of.toSpliced(lost, 1), random)]
  return {
    pointAt: (number) => (number < at ? before() : after()),
    count: at + afterPlant,
    plant: { at, until: at, kinds: ['lostCluster'], ...anyOfClusters },
  }
}

/** The smallest cloud walks away by six of its own spreads: too few events for any feature, and its share stays. */
function walked({ clouds: of, random }: World, seed: number): Planting {
  const at = 2 * dayEvents + plantAt(seed)
  const over = gradualEvents
  const smallest = of.reduce((least, { weight }, i) => (weight < of[least].weight ? i : least), 0)
  const changed = seed % d
  const centre = of[smallest].centre.slice()
  const draw = pointsOf(of.with(smallest, { ...of[smallest], centre }), random)
  const way = (centre[changed] < 50 ? 6 : -6) * of[smallest].spread
  return {
    pointAt(number) {
      centre[changed] = of[smallest].centre[changed] + way * Math.min(1, Math.max(0, (number - at) / over))
      return draw()
    },
    count: at + over + afterPlant,
    plant: { at, until: at + over, kinds: ['gradual'], features: [fields[changed]] },
  }
}

/** Every event is of one of ten segments; in the smallest, of 15 in 1,000, they come to lie anywhere. */
function failed({ clouds: of, random }: World, seed: number): Planting {
  const at = plantAt(seed)
  const draw = pointsOf(of, random)
  return {
    pointAt(number) {
      const drawn = random.uniform()
      const segment = drawn < 0.015 ? 0 : 1 + Math.floor(9 * random.uniform())
      const point = number >= at && segment === 0 ? fields.map(() => 100 * random.uniform()) : draw()
      return [...point, segment]
    },
    count: at + afterPlant,
    plant: { at, until: at, kinds: ['qualityDrop'], ...anyOfClusters },
  }
}

/** Half of the clouds are busy by day, the others by night, and one feature rises and falls by half a deviation. */
function daily({ clouds: of, deviations, random }: World, seed: number, days: number, shiftDay: number): Planting {
  const phases = 24
  const byHour = Array.from({ length: phases }, (_, hour) => {
    const light = Math.sin((2 * Math.PI * hour) / phases)
    return pointsOf(
      of.map((cloud, i) => ({ ...cloud, weight: cloud.weight * (1 + (i % 2 === 0 ? 0.7 : -0.7) * light) })),
      random,
    )
  })
  const rising = seed % d
  const changed = (seed + 1) % d
  const at = shiftDay * dayEvents + plantAt(seed)
  return {
    pointAt(number) {
      const day = (number % dayEvents) / dayEvents
      const point = byHour[Math.floor(day * phases)]()
      point[rising] += 0.5 * Math.sin(2 * Math.PI * day) * deviations[rising]
      if (number >= at) point[changed] += deviations[changed]
      return point
    },
    count: Math.min(days * dayEvents, at + afterPlant),
    plant:
      at < days * dayEvents ? { at, until: at, kinds: ['featureOnly', 'sudden'], features: [fields[changed]] } : null,
    judgedFrom: daysToLearn * dayEvents,
  }
}

const stationaryEvents = 200_000

export const mixtures: readonly Scenario[] = [
  scenario('stationary', 'nothing changes', false, ({ clouds: of, random }, _, count = stationaryEvents) => ({
    pointAt: pointsOf(of, random),
    count,
    plant: null,
  })),
  scenario('sudden', 'three of six features move by one deviation', true, (world, seed) => shifted(world, seed, 3, 0)),
  scenario('one-feature', 'one of six features moves by one deviation', true, (world, seed) =>
    shifted(world, seed, 1, 0),
  ),
  scenario('gradual', 'three of six features move by one deviation over 20,000 events', false, (world, seed) =>
    shifted(world, seed, 3, gradualEvents),
  ),
  scenario('new-cluster', 'one event in eight is of a new cloud', false, appeared),
  scenario('lost-cluster', 'a cloud of one event in eight is gone', false, disappeared),
  scenario('walk', 'the smallest cloud walks away by six of its spreads over 20,000 events', false, walked),
  scenario('segment', 'the events of one segment, 15 in 1,000, come to lie anywhere', false, failed),
  scenario('daily', 'a daily cycle, which is no change once it is known', false, (world, seed) =>
    daily(world, seed, 9, 9),
  ),
  scenario('daily-and-sudden', 'in a daily cycle one of six features moves by one deviation', true, (world, seed) =>
    daily(world, seed, 9, 5),
  ),
]
