/**
 * Streams in which nothing changes, made to look as if something did: what they raise is false. The first six keep what
 * the bounds of docs/drift.md suppose, that events are independent; in the bursts they are not.
 */
import { Random } from '../../src/core/kmeans/random.ts'
import { type Cloud, clouds, pointEvents, pointsOf } from '../quality/mixture-stream.ts'
import type { Scenario } from './planted.ts'

const endless = 200_000

interface Stress {
  readonly d: number
  /** Keys of the configuration beside features and seed. */
  readonly keys?: { readonly clusters?: object; readonly drift?: object }
  readonly batch?: number
  /** Draws points, one after the other. */
  readonly points: (seed: number, random: Random) => () => readonly number[]
}

function stress(name: string, title: string, { d, keys = {}, batch = 1000, points }: Stress): Scenario {
  return {
    name: `stress-${name}`,
    title,
    isSudden: false,
    hasCycle: false,
    isEndless: true,
    stream: (seed, count = endless) => ({
      configuration: {
        input: { format: 'json', time: null },
        features: Array.from({ length: d }, (_, f) => ({ field: `f${f}` })),
        ...keys,
        clusters: { ...keys.clusters, seed },
      },
      events: pointEvents(count, points(seed, new Random(seed + 1))),
      count,
      plant: null,
      judgedFrom: 0,
      batch,
    }),
  }
}

const ofClouds =
  (count: number, d: number, weightOf?: (rank: number) => number) =>
  (seed: number, random: Random): (() => number[]) => {
    const all = clouds(count, d, seed)
    return pointsOf(weightOf === undefined ? all : all.map((cloud, i) => ({ ...cloud, weight: weightOf(i) })), random)
  }

/** Cauchy, Pareto of exponent 1.1 and log-normal by turns: no variance, or one that takes long to be seen. */
function heavyTails(d: number, random: Random): () => readonly number[] {
  const draws = [
    () => Math.tan(Math.PI * (random.uniform() - 0.5)),
    () => (1 - random.uniform()) ** (-1 / 1.1),
    () => Math.exp(2 * random.gaussian()),
  ]
  return () => Array.from({ length: d }, (_, f) => draws[f % draws.length]())
}

/** Whole numbers of few values, most of them the same. */
function ties(random: Random): () => readonly number[] {
  const under = (share: number): number => (random.uniform() < share ? 1 : 0)
  const counts = (trials: number, share: number) =>
    Array.from({ length: trials }, () => under(share)).reduce((a, b) => a + b, 0)
  return () => [counts(3, 0.1), counts(40, 0.1), under(0.05), 7, under(0.95) * random.below(6), random.below(6)]
}

/** Runs of so many events of the same cloud, on average. */
const inRuns = (length: number) => (seed: number, random: Random) => {
  const of = clouds(8, 6, seed)
  const draws = of.map((cloud: Cloud) => pointsOf([cloud], random))
  let draw = draws[0]
  return () => {
    if (random.uniform() < 1 / length) draw = draws[random.below(draws.length)]
    return draw()
  }
}

/** Each feature is normal, and remembers so much of the event before. */
const remembering = (share: number) => (_: number, random: Random) => {
  let state = Array.from({ length: 6 }, () => random.gaussian())
  const fresh = Math.sqrt(1 - share * share)
  return () => {
    state = state.map((value) => share * value + fresh * random.gaussian())
    return state
  }
}

export const stresses: readonly Scenario[] = [
  stress('heavy-tails', 'heavy tails', { d: 6, points: (_, random) => heavyTails(6, random) }),
  stress('ties', 'whole numbers of few values', { d: 6, points: (_, random) => ties(random) }),
  stress('tiny-clusters', '64 clusters, most of them tiny', {
    ...{ d: 6, keys: { clusters: { k: 64 } } },
    points: ofClouds(64, 6, (rank) => 1 / (1 + rank) ** 1.5),
  }),
  stress('one-column', 'one column', { d: 1, points: ofClouds(8, 1) }),
  stress('many-columns', '64 columns', { d: 64, points: ofClouds(8, 64) }),
  stress('short-windows', 'windows of 200 events', {
    ...{ d: 6, keys: { drift: { windowEvents: 200 } }, batch: 200 },
    points: ofClouds(8, 6),
  }),
  stress('runs-20', 'bursts: 20 events of a cloud in a row', { d: 6, points: inRuns(20) }),
  stress('runs-200', 'bursts: 200 events of a cloud in a row', { d: 6, points: inRuns(200) }),
  stress('memory-90', 'each value 90 % of the one before', { d: 6, points: remembering(0.9) }),
  stress('memory-99', 'each value 99 % of the one before', { d: 6, points: remembering(0.99) }),
]
