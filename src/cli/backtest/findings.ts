/** What a backtest found. */
import type { QualityRecord } from '../../core/quality/quality.ts'
import type { Contribution } from '../../core/score/explanation.ts'
import { averagePrecision, hitsOfFlagged, rocAuc } from '../../core/score/ranking.ts'
import { type Measures, measures } from '../judgement.ts'
import type { ClusterLife } from './cluster-lives.ts'
import { type DriftWindow, windowRows } from './drift-windows.ts'
import { type FinalInertia, finalInertia } from './final-clusters.ts'
import type { FoundDrift } from './found-drifts.ts'
import type { Label, LeftOut } from './labelled-events.ts'
import type { Recording } from './recording.ts'
import type { ReplayFacts } from './replay.ts'

/** Of changes of clusters, and of drifts: a restless stream has thousands. */
const mostListed = 200

interface Ranking {
  readonly auc: number | null
  readonly averagePrecision: number | null
}

export interface Findings extends Ranking {
  readonly input: string
  /** Events, the invalid ones included. */
  readonly rows: number
  /** Events that are judged: valid, behind the warm-up, and not of those that the model was born from. */
  readonly scored: number
  readonly bornFrom: number
  readonly invalid: Readonly<Record<string, number>>
  readonly clippedValues: number
  readonly labelled: number
  readonly positives: number
  readonly features: readonly string[]
  /** Columns of the file that are none, because they do not hold numbers. */
  readonly leftOut: readonly LeftOut[]
  readonly columns: number
  readonly k: number
  readonly seed: number
  readonly batch: number
  readonly partitions: number
  readonly budget: number
  /** What was called anomalous. */
  readonly flaggedShare: number
  readonly precisionAtBudget: number | null
  readonly recallAtBudget: number | null
  readonly recallTop01Percent: number | null
  readonly recallTop1Percent: number | null
  /** The published score, which says how rare a distance is among the recent ones, ranked over the whole stream. */
  readonly calibrated: Ranking
  /** k = 1: the distance to the running mean of the same rows. */
  readonly baseline: Ranking
  /** The plain distance to the nearest cluster. */
  readonly nearest: Ranking
  readonly inertia: FinalInertia & { readonly windows: WindowInertia }
  /** Of the newest version that was assessed. */
  readonly quality: QualityRecord
  readonly clusters: readonly { readonly id: number; readonly events: number; readonly share: number }[]
  /** Births, splits, merges and what else became of clusters: how many, and the last of them. */
  readonly clusterLives: { readonly count: number; readonly list: readonly ClusterLife[] }
  /** What drift was found, and what of it is over: how many, and the last. */
  readonly drifts: { readonly count: number; readonly list: readonly FoundDrift[] }
  readonly topAnomalies: readonly FoundAnomaly[]
  /** Of reading, scoring and learning; what judges them is left out of `eventsPerSecond`. */
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly microsPerEvent: { readonly score: number; readonly train: number }
}

interface WindowInertia {
  readonly rows: number
  readonly count: number
  /** Means over all rows of the windows. */
  readonly mean: number | null
  readonly refit: number | null
  readonly ratio: number | null
  /** The geometric mean of the windows' own ratios: a few windows after a jump do not decide it. */
  readonly typicalRatio: number | null
}

interface FoundAnomaly {
  readonly id: string
  readonly row: number
  readonly label: Label
  readonly score: number
  readonly rarity: number
  readonly cluster: number
  readonly distance: number
  readonly contributions: readonly Contribution[]
}

export interface Setting {
  readonly input: string
  readonly features: readonly string[]
  readonly leftOut: readonly LeftOut[]
  readonly seed: number
  readonly batch: number
  readonly partitions: number
  readonly budget: number
}

export function findingsOf(setting: Setting, facts: ReplayFacts, recording: Recording, seconds: number): Findings {
  const { model } = facts
  const { kept, drift, numbers } = recording
  drift.finish()
  const scale = recording.scale()
  const scored = numbers.length
  return {
    ...setting,
    rows: facts.events,
    scored,
    bornFrom: facts.bornFrom,
    invalid: facts.invalid,
    clippedValues: facts.clipped,
    columns: model.d,
    k: model.k,
    flaggedShare: recording.flags.view().reduce((sum, flag) => sum + flag, 0) / Math.max(1, scored),
    ...ranked(recording),
    inertia: { ...finalInertia(kept, model.clusters.mean, model.k, scale), windows: windowInertia(recording) },
    quality: model.quality.record,
    clusters: clusterSizes(recording),
    clusterLives: { count: recording.lives.all.length, list: recording.lives.all.slice(-mostListed) },
    drifts: { count: recording.drifts.all.length, list: recording.drifts.all.slice(-mostListed) },
    topAnomalies: recording.top.sorted().map(({ number, label, value }) => ({
      ...{ id: value.eventId, row: number, label, score: value.score, rarity: value.rarity },
      ...{ cluster: value.cluster, distance: value.distance, contributions: value.contributions },
    })),
    seconds,
    eventsPerSecond: facts.events / Math.max(1e-9, seconds),
    microsPerEvent: {
      score: (facts.scoreMs * 1000) / Math.max(1, facts.events),
      train: (facts.trainMs * 1000) / Math.max(1, facts.events),
    },
  }
}

/** Judged are the events of which it is known what they are. */
function ranked(recording: Recording) {
  const labels = recording.labels.view()
  const known = Uint32Array.from(labels.keys().filter((i) => labels[i] >= 0))
  const positive = Uint8Array.from(known, (i) => labels[i])
  const of = (column: Float64Array) => Float64Array.from(known, (i) => column[i])
  const ranking = (scores: Float64Array): Ranking => ({
    auc: known.length === 0 ? null : rocAuc(scores, positive),
    averagePrecision: known.length === 0 ? null : averagePrecision(scores, positive),
  })
  const rarities = of(recording.rarities.view())
  const flags = Uint8Array.from(of(recording.flags.view()))
  const ours: Measures = measures(of(recording.logDistances.view()), positive, hitsOfFlagged(flags, positive))
  return {
    labelled: known.length,
    positives: positive.reduce((sum, flag) => sum + flag, 0),
    auc: ours.rocAuc,
    averagePrecision: ours.averagePrecision,
    precisionAtBudget: ours.atBudget.precision,
    recallAtBudget: ours.atBudget.recall,
    recallTop01Percent: known.length === 0 ? null : ours.top01Percent.recall,
    recallTop1Percent: known.length === 0 ? null : ours.top1Percent.recall,
    calibrated: ranking(rarities.map((rarity) => -Math.log(rarity))),
    baseline: ranking(of(recording.baseline.view())),
    nearest: ranking(of(recording.distances.view())),
  }
}

function windowInertia({ drift: { windows } }: Recording): WindowInertia {
  const rows = windows.reduce((sum, window) => sum + window.rows, 0)
  const mean = (of: 'inertia' | 'refit') =>
    rows === 0 ? null : windows.reduce((sum, window) => sum + window[of] * window.rows, 0) / rows
  const own = mean('inertia')
  const refit = mean('refit')
  return {
    rows: windowRows,
    count: windows.length,
    mean: own,
    refit,
    ratio: own === null || refit === null || refit === 0 ? null : own / refit,
    typicalRatio: typicalRatio(windows),
  }
}

function typicalRatio(windows: readonly DriftWindow[]): number | null {
  const logs = windows.flatMap(({ inertia, refit }) => (inertia > 0 && refit > 0 ? [Math.log(inertia / refit)] : []))
  return logs.length === 0 ? null : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
}

function clusterSizes({ clusters }: Recording): Findings['clusters'] {
  const counts = new Map<number, number>()
  for (const id of clusters.view()) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts]
    .map(([id, events]) => ({ id, events, share: events / clusters.length }))
    .sort((a, b) => b.events - a.events || a.id - b.id)
}
