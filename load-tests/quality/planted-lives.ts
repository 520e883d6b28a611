/**
 * What is told of clusters when the stream itself splits, merges, gains and loses some.
 * node load-tests/quality/planted-lives.ts [--seed 0]
 *
 * Eight clouds far apart, eight clusters. First one cloud parts into two while two others become one; later one
 * cloud is gone and another is there instead. Prints JSON: which id every cloud had in each phase, and what was told.
 */
import { parseArgs } from 'node:util'
import { type ClusterLife, ClusterLives } from '../../src/cli/backtest/cluster-lives.ts'
import { nearest } from '../../src/core/kmeans/nearest.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import type { Scorer } from '../../src/core/score/scorer.ts'
import { openReplay } from '../../tools/replay/open-replay.ts'
import { type Cloud, pointEvents, pointsOf } from './mixture-stream.ts'

export interface PlantedLives {
  /** Id of the cluster at each cloud of a phase when the phase ended, by the cloud's name. */
  readonly phases: readonly Readonly<Record<string, number>>[]
  readonly lives: readonly ClusterLife[]
}

const phaseEvents = 100_000
const k = 8
/** Short enough that what is gone is forgotten within a phase. */
const halfLifeEvents = 10_000

const places = {
  a: [0, 0],
  b: [100, 0],
  c: [130, 0],
  d: [0, 100],
  e: [100, 100],
  f: [200, 100],
  g: [0, 200],
  h: [200, 200],
}
const { a: _, b: __, c: ___, ...lasting } = places
const parted = { ...lasting, a1: [0, -20], a2: [0, 20], bc: [115, 0] }
const { h: ____, ...remaining } = parted
const phases: readonly Readonly<Record<string, readonly number[]>>[] = [places, parted, { ...remaining, n: [300, 0] }]

const { values } = parseArgs({ options: { seed: { type: 'string', default: '0' } } })
const seed = Number(values.seed)
const random = new Random(seed + 1)
const points = phases.map((of) =>
  pointsOf(
    Object.values(of).map((centre): Cloud => ({ centre, spread: 3, weight: 1 })),
    random,
  ),
)
const lives = new ClusterLives()
const found: Record<string, number>[] = []
let events = 0
let last: Scorer | null = null

function idsAt(scorer: Scorer, of: Readonly<Record<string, readonly number[]>>): Record<string, number> {
  const { model } = scorer
  const names = Object.keys(of)
  const labels = new Int32Array(names.length)
  const rows = Float64Array.from(Object.values(of).flat())
  nearest(
    rows,
    names.length,
    2,
    model.clusters.mean,
    model.k,
    Float64Array.of(1, 1),
    labels,
    new Float64Array(names.length),
  )
  return Object.fromEntries(names.map((name, i) => [name, model.ids[labels[i]]]))
}

function endPhase(): void {
  if (last !== null) found.push(idsAt(last, phases[found.length]))
}

const features = [{ field: 'f0' }, { field: 'f1' }]
const opened = openReplay({ input: { format: 'json', time: null }, features, clusters: { k, seed, halfLifeEvents } })
await opened.run(
  pointEvents(phases.length * phaseEvents, (number) => points[Math.floor(number / phaseEvents)]()),
  {
    version(scorer) {
      lives.note(scorer.model, events)
      if (events === (found.length + 1) * phaseEvents) endPhase()
      last = scorer
    },
    scored: ({ count }) => {
      events += count
    },
  },
)
endPhase()
process.stdout.write(`${JSON.stringify({ phases: found, lives: lives.all } satisfies PlantedLives)}\n`)
