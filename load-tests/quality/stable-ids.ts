/**
 * Whether ids stay what they are while a stationary stream of several million events is learned.
 * node load-tests/quality/stable-ids.ts [--events 5000000] [--every 1000000] [--seed 0]
 *
 * Prints JSON: the share of a fixed set of probes whose id differs between versions so many events apart, and the
 * clusters whose id went to another place.
 */
import { parseArgs } from 'node:util'
import { Random } from '../../src/core/kmeans/random.ts'
import { emptyScores, type Scorer, score } from '../../src/core/score/scorer.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openReplay } from '../../tools/replay/open-replay.ts'
import { clouds, pointEvents, pointsOf } from './mixture-stream.ts'

export interface StableIds {
  readonly events: number
  readonly every: number
  /** Between each version looked at and the next. */
  readonly changedShares: readonly number[]
  /** Clusters whose centre is, a while later, nearest to another id's. */
  readonly changedIds: readonly number[]
  readonly seconds: number
}

const columns = 4
const cloudCount = 12
const probeCount = 20_000

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000000' },
    every: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '0' },
  },
})
const [events, every, seed] = [Number(values.events), Number(values.every), Number(values.seed)]

/** Looks at the version that is in force every so many events. */
class Probing {
  readonly changedShares: number[] = []
  readonly changedIds = new Set<number>()
  private readonly probes: Float64Array
  private last: { readonly scorer: Scorer; readonly ids: Int32Array } | null = null
  private next = every

  constructor(probes: Float64Array) {
    this.probes = probes
  }

  version(scorer: Scorer): void {
    if (scorer.model.trainedEvents < this.next) return
    this.next += every
    this.look(scorer)
  }

  private look(scorer: Scorer): void {
    const ids = idsOf(scorer, this.probes, probeCount)
    if (this.last !== null) {
      const before = this.last
      this.changedShares.push(ids.reduce((sum, id, i) => sum + (id === before.ids[i] ? 0 : 1), 0) / probeCount)
      const { model } = before.scorer
      const now = idsOf(scorer, model.clusters.mean, model.k)
      for (let j = 0; j < model.k; j++) if (now[j] !== model.ids[j]) this.changedIds.add(model.ids[j])
    }
    this.last = { scorer, ids }
  }
}

function idsOf(scorer: Scorer, rows: Float64Array, n: number): Int32Array {
  const scores = emptyScores(n)
  score(scorer, rows, n, scores)
  return scores.labels.slice(0, n).map((label) => scorer.model.ids[label])
}

const startedMs = systemClock.now()
const features = Array.from({ length: columns }, (_, f) => ({ field: `f${f}` }))
const point = pointsOf(clouds(cloudCount, columns, seed), new Random(seed + 1))
const probe = pointsOf(clouds(cloudCount, columns, seed), new Random(seed + 2))
const probing = new Probing(Float64Array.from(Array.from({ length: probeCount }, probe).flat()))
/** A version is looked at when the batch after it begins. */
const oneMore = 1000
const facts = await openReplay({ input: { format: 'json', time: null }, features, clusters: { seed } }).run(
  pointEvents(events + oneMore, point),
  { version: (scorer) => probing.version(scorer) },
)
const found: StableIds = {
  events: facts.events,
  every,
  changedShares: probing.changedShares,
  changedIds: [...probing.changedIds],
  seconds: (systemClock.now() - startedMs) / 1000,
}
process.stdout.write(`${JSON.stringify(found)}\n`)
