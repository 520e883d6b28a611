/**
 * What reacting to a drift does for the clusters: the mean squared distance of the events to their nearest centroid after a
 * planted change, in a scaling that stands still, beside that of telling alone.
 * node load-tests/reactions.ts [--seeds 2] [--only SCENARIO]…
 */
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { type ReactionKind, reactionDefaults } from '../src/core/command/reactions.ts'
import { nearest } from '../src/core/kmeans/nearest.ts'
import { inverseScales, runningSpreads } from '../src/core/model/metric.ts'
import type { Model } from '../src/core/model/model.ts'
import { openReplay } from '../tools/replay/open-replay.ts'
import { scenariosNamed } from './drift/scenarios.ts'
import { geometricMean } from './quality/line.ts'

/** Events after the change that each figure is about. */
const stretches = [
  [0, 5_000],
  [5_000, 20_000],
] as const
const reactions: readonly ReactionKind[] = ['tell', 'learnFaster', 'refit']

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '2' }, only: { type: 'string', multiple: true } },
})
const names = values.only ?? ['sudden', 'one-feature', 'gradual', 'new-cluster', 'lost-cluster']
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed)
const table = new Table({
  head: ['planted', ...reactions.slice(1).flatMap((of) => stretches.map(([, to]) => `${of}, to ${to}`))],
  style: { head: [], border: [], compact: true },
})
for (const name of names) {
  const ratios = reactions.slice(1).map(() => stretches.map((): number[] => []))
  for (const seed of seeds) {
    const [told, ...others] = await all(reactions, (reaction) => inertiaAfter(name, seed, reaction))
    others.forEach((other, r) => {
      other.forEach((value, s) => {
        ratios[r][s].push(value / told[s])
      })
    })
  }
  table.push([name, ...ratios.flat().map((of) => geometricMean(of).toFixed(3))])
}
process.stdout.write(`${table.toString()}\n`)

/** One after the other. */
async function all<T, R>(of: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (const one of of) done.push(await work(one))
  return done
}

/** For each stretch. */
async function inertiaAfter(name: string, seed: number, reaction: ReactionKind): Promise<readonly number[]> {
  const [scenario] = scenariosNamed([name])
  const stream = scenario.stream(seed)
  const policy = Object.fromEntries(Object.keys(reactionDefaults.of).map((kind) => [kind, reaction]))
  const { run } = openReplay({ ...stream.configuration, drift: { reactions: policy } })
  const sums = stretches.map(() => ({ inertia: 0, events: 0 }))
  let model: Model | null = null
  let scale: Float64Array | null = null
  let scored = 0
  await run(stream.events, {
    version(scorer) {
      model = scorer.model
      if (scored < stream.plant!.at) scale = inverseScales(model.upkeep, runningSpreads(model))
    },
    scored({ count, rows, valid }) {
      const since = scored - stream.plant!.at
      scored += count
      const s = stretches.findIndex(([from, to]) => since >= from && since < to)
      if (s < 0) return
      const squared = new Float64Array(valid)
      nearest(rows, valid, model!.d, model!.clusters.mean, model!.k, scale!, new Int32Array(valid), squared)
      sums[s].inertia += squared.reduce((sum, x) => sum + x, 0)
      sums[s].events += valid
    },
  })
  return sums.map(({ inertia, events }) => inertia / events)
}
