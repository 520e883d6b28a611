/**
 * What an attack comes to.
 * node load-tests/poisoning/one-run.ts [--seed 0] [--strategy walk|jump] [--share 0.02] [--keys 1]
 *   [--key-share 0.002] [--reaction tell|learnFaster|refit|freeze|rollback] [--freeze-after N]
 *
 * Prints JSON. --freeze-after: a person freezes the model so many events after the attack began.
 */
import { parseArgs } from 'node:util'
import { commandOf } from '../../src/core/command/command.ts'
import { inverseScales, runningSpreads } from '../../src/core/model/metric.ts'
import type { Model } from '../../src/core/model/model.ts'
import { emptyScores, type Scorer, score } from '../../src/core/score/scorer.ts'
import { appendCommand } from '../../src/stages/command-records.ts'
import { openReplay } from '../../tools/replay/open-replay.ts'
import { attacked, calmEvents, type Strategy, walkEvents } from './attack.ts'

export interface PoisonedRun {
  readonly seed: number
  /** Distance of the nearest centroid from what he is after, in spreads of the columns, before the attack and at its end. */
  readonly distanceBefore: number
  readonly distanceAfter: number
  /** How much of the way to it has been gone by the cluster that he began with. */
  readonly gone: number
  /** Of the looks at it in the last 40,000 events, the share in which what he is after was not called anomalous. */
  readonly passing: number
  /** The first drift told during the attack, and after how many events of the stream; null: none. */
  readonly told: { readonly kind: string; readonly after: number } | null
  readonly drifts: number
  /** Commands that were obeyed. */
  readonly commands: readonly string[]
  /** Share of all other events that were called anomalous during the attack. */
  readonly othersAnomalous: number
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '0' },
    strategy: { type: 'string', default: 'walk' },
    share: { type: 'string', default: '0.02' },
    keys: { type: 'string', default: '1' },
    'key-share': { type: 'string' },
    reaction: { type: 'string', default: 'tell' },
    'freeze-after': { type: 'string' },
  },
})
const seed = Number(values.seed)
const { reaction } = values
const kinds = ['sudden', 'gradual', 'recurring', 'featureOnly', 'newCluster', 'lostCluster', 'qualityDrop']
const features = [
  { field: 'amount', transform: 'log', missing: 'reject' },
  { field: 'latitude', missing: 'mean' },
  { field: 'longitude', missing: 'mean' },
  { field: 'deviceRisk', missing: 'mean' },
  { field: 'channel', transform: { oneHot: ['pos', 'ecom', 'atm', 'app'] } },
]
const opened = openReplay({
  input: { format: 'json', time: null },
  features,
  clusters: { seed, ...(values['key-share'] === undefined ? {} : { keyShare: Number(values['key-share']) }) },
  drift: { reactions: Object.fromEntries(kinds.map((kind) => [kind, reaction])) },
})
const { budget } = opened.settings

/** What is known of the event that he is after, once it has been seen. */
interface Probe {
  readonly row: Float64Array
  readonly inverseScale: Float64Array
  readonly distanceBefore: number
  readonly id: number
  readonly way: Float64Array
}

let scored = 0
let row: Float64Array | null = null
let probe: Probe | null = null
let looks = 0
let passes = 0
let told: PoisonedRun['told'] = null
let toldBefore = 0
let others = 0
let othersAnomalous = 0
let last: Model | null = null
let freezeAt = values['freeze-after'] === undefined ? Number.POSITIVE_INFINITY : Number(values['freeze-after'])
let writing: Promise<void> = Promise.resolve()
const commands: string[] = []
let commandsSeen = 0
const scores = emptyScores(1)

await opened.run(
  attacked({ seed, strategy: values.strategy as Strategy, share: Number(values.share), keys: Number(values.keys) }),
  {
    version(scorer) {
      const { model } = scorer
      last = model
      for (const deed of model.control.deeds) {
        if (deed.version > commandsSeen && deed.refused === '') commands.push(deed.kind)
      }
      commandsSeen = model.version
      if (scored < calmEvents) {
        toldBefore = model.drift.found
        return
      }
      if (row === null) throw new Error('the probe must have been seen')
      probe ??= probeOf(scorer, row)
      const since = scored - calmEvents
      const [finding] = model.drift.findings.filter(({ number, kind }) => number > toldBefore && kind !== 'cleared')
      if (finding !== undefined) told ??= { kind: finding.kind, after: since }
      if (since >= freezeAt) {
        freezeAt = Number.POSITIVE_INFINITY
        writing = freezeNow(model)
      }
      score(scorer, probe.row, 1, scores)
      if (since < walkEvents) return
      looks++
      if (scores.rarities[0] > budget) passes++
    },
    scored({ count, rows, valid, scores: all, batch, from, eventOf }, part) {
      const d = rows.length / all.labels.length
      for (let i = 0; i < valid; i++) {
        const offset = batch.offset[from + eventOf[i]]
        if (part.labels[offset - part.from] === 1) row = rows.slice(i * d, (i + 1) * d)
        if (scored < calmEvents) continue
        const start = batch.keyStart[from + eventOf[i]]
        if (batch.bytes.toString('latin1', start, start + 5) === 'thief') continue
        others++
        if (all.rarities[i] <= budget) othersAnomalous++
      }
      scored += count
    },
  },
)

await writing
const { distanceBefore, way, id, inverseScale } = probe!
const model = last!
const own = model.ids.indexOf(id)
const run: PoisonedRun = {
  seed,
  distanceBefore,
  distanceAfter: nearestTo(model, row!, inverseScale).distance,
  gone: own < 0 ? Number.NaN : along(model, own, way, inverseScale),
  passing: passes / looks,
  told,
  drifts: model.drift.found - toldBefore,
  commands,
  othersAnomalous: othersAnomalous / others,
}
process.stdout.write(`${JSON.stringify(run)}\n`)

function freezeNow({ bornAtMs }: Model): Promise<void> {
  const command = commandOf('freeze', { bornAtMs, reason: 'too many are anomalous', by: 'a person', atMs: 0 })
  const at = { topic: opened.settings.topics.modelUpdates, schemaId: 1 }
  return opened.world.log.publish((outputs) => appendCommand(outputs, at, command, 0))
}

/** The nearest cluster is the one that he will have to move. */
function probeOf({ model }: Scorer, at: Float64Array): Probe {
  const inverse = inverseScales(model.upkeep, runningSpreads(model))
  const { distance, cluster } = nearestTo(model, at, inverse)
  const centroid = model.clusters.mean.slice(cluster * model.d, (cluster + 1) * model.d)
  // From where the cluster is to what he is after; what it was is kept behind it.
  const line = Float64Array.from([...centroid, ...at.map((x, c) => x - centroid[c])])
  return { row: at, inverseScale: inverse, distanceBefore: distance, id: model.ids[cluster], way: line }
}

function nearestTo({ clusters, k, d }: Model, at: Float64Array, inverse: Float64Array) {
  let best = { distance: Number.POSITIVE_INFINITY, cluster: 0 }
  for (let j = 0; j < k; j++) {
    let squared = 0
    for (let c = 0; c < d; c++) squared += ((at[c] - clusters.mean[j * d + c]) * inverse[c]) ** 2
    const distance = Math.sqrt(squared)
    if (distance < best.distance) best = { distance, cluster: j }
  }
  return best
}

/** Share of the way that cluster j has gone along the line. */
function along({ clusters, d }: Model, j: number, line: Float64Array, inverse: Float64Array): number {
  let dot = 0
  let length = 0
  for (let c = 0; c < d; c++) {
    const whole = line[d + c] * inverse[c]
    dot += (clusters.mean[j * d + c] - line[c]) * inverse[c] * whole
    length += whole * whole
  }
  return dot / length
}
