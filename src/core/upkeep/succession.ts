/** Who follows whom when better centroids are adopted: clusters are the same while they hold the same rows. */

import { minimumCostMatching } from '../kmeans/hungarian.ts'
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import { sum } from '../sum.ts'
import type { ChangeKind } from './upkeep.ts'

/** A cluster stays what it is while it shares so much with what it becomes: rows of both over rows of either (Jaccard). */
const leastShared = 1 / 3
/** What elder and younger rows share decides; among equals, what all share. */
const tieBreak = 1e-3
/** So much more are an oldest cluster's rows worth: who was known longer goes on when neither is heavier for sure. */
const mostBonus = 1 / 4
/** Of a cluster's rows, in the order of the log, the elder are the first of this share. */
const elderShare = 1 / 4
/** A cluster that is born has at most this share of its parent's elder rows beside the younger. */
const mostElder = 0.05
/** The part that goes on has not moved away from one that is born by more than this share of the way to it. */
const mostRecoil = 1 / 4
/** So many of the rows of a new cluster may be strays from before it was. */
const firstFew = 1 / 4
/** A cluster with less than this share of an even share of the rows has starved. */
const starvedShare = 0.02
/** Relatives with less of the rows are not named. */
const leastRelated = 0.1
const mostRelatives = 8

/** How the sample's rows passed from the k clusters there were to the k there are, weighted. */
export interface Passage {
  readonly k: number
  /** Rows that were in i and are in j: [i·k + j]. */
  readonly rows: Float64Array
  /** Those of them that are among the elder rows of i. */
  readonly elder: Float64Array
  /** Rows of each cluster that was, and of each that is. */
  readonly before: Float64Array
  readonly after: Float64Array
}

export function passage({ n, weight }: WeightedRows, from: Int32Array, to: Int32Array, k: number): Passage {
  const all: Passage = {
    k,
    rows: new Float64Array(k * k),
    elder: new Float64Array(k * k),
    before: new Float64Array(k),
    after: new Float64Array(k),
  }
  for (let i = 0; i < n; i++) {
    all.before[from[i]] += weight[i]
    all.after[to[i]] += weight[i]
  }
  const seen = new Float64Array(k)
  for (let i = 0; i < n; i++) {
    const at = from[i] * k + to[i]
    all.rows[at] += weight[i]
    if (seen[from[i]] < elderShare * all.before[from[i]]) all.elder[at] += weight[i]
    seen[from[i]] += weight[i]
  }
  return all
}

/**
 * For each cluster that is, the one that it continues, or -1: by the matching that keeps most elder rows with their
 * cluster. So the heavier part of a split goes on, and the heavier parent of a merge, or of two about equal the older one;
 * and where a new cluster has drawn an old one to it, the part that stayed goes on.
 *
 * @param bornVersions of the clusters that were, length k.
 */
export function predecessors({ k, rows, elder, before, after }: Passage, bornVersions: Float64Array): Int32Array {
  const byAge = bornVersions.slice().sort()
  const bonus = bornVersions.map((born) => 1 + (mostBonus * (k - byAge.indexOf(born))) / k)
  const successor = minimumCostMatching(
    elder.map((shared, at) => -bonus[Math.floor(at / k)] * (shared + tieBreak * rows[at])),
    k,
  )
  const continues = new Int32Array(k).fill(-1)
  for (let i = 0; i < k; i++) {
    const j = successor[i]
    const shared = rows[i * k + j]
    if (shared > 0 && shared >= leastShared * (before[i] + after[j] - shared)) continues[j] = i
  }
  return continues
}

/** A share of rows that passed from or to another cluster. */
interface Kin {
  readonly cluster: number
  readonly rows: number
}

/** Where the rows of cluster j that is came from, the most first. */
export function parentsOf({ k, rows, after }: Passage, j: number): readonly Kin[] {
  return related(
    Array.from({ length: k }, (_, i) => ({ cluster: i, rows: rows[i * k + j] })),
    after[j],
  )
}

/** Where the rows of cluster i that was went, the most first. */
export function heirsOf({ k, rows, before }: Passage, i: number): readonly Kin[] {
  return related(
    Array.from({ length: k }, (_, j) => ({ cluster: j, rows: rows[i * k + j] })),
    before[i],
  )
}

function related(kin: readonly Kin[], all: number): readonly Kin[] {
  return kin
    .filter(({ rows }) => rows > 0 && rows >= leastRelated * all)
    .sort((a, b) => b.rows - a.rows || a.cluster - b.cluster)
    .slice(0, mostRelatives)
}

/** What a cluster is that continues none; `recoil` says how far its parent's other rows have moved away from it. */
export function kindOfNew(
  all: Passage,
  j: number,
  continues: Int32Array,
  recoil: (parent: number, j: number) => number,
): ChangeKind {
  const parent = parentsOf(all, j).at(0)?.cluster
  if (parent === undefined) return 'reseeded'
  if (!continues.includes(parent)) return 'reseeded'
  const elder = all.elder[parent * all.k + j]
  const younger = all.rows[parent * all.k + j] - elder
  return elder <= mostElder * younger && recoil(parent, j) <= mostRecoil ? 'born' : 'split'
}

/** What happened to a cluster that none continues: it had starved, most of it is in another one now, or it is scattered. */
export function kindOfGone(all: Passage, i: number): ChangeKind {
  if (all.before[i] * all.k <= starvedShare * sum(all.before)) return 'dropped'
  const heir = heirsOf(all, i).at(0)
  return heir !== undefined && 2 * heir.rows >= all.before[i] ? 'merged' : 'dropped'
}

/**
 * How far the rows of cluster `parent` that are not in j have moved away from j since there have been rows in j, beside the
 * way from where they were before to j. Where a new place was found the parent's own rows stay where they were: 0. Where
 * a cluster has come apart both of its parts have left its middle: 1 when they are alike.
 */
export function recoilOf(data: WeightedRows, from: Int32Array, to: Int32Array, parent: number, j: number): number {
  const { n, d, rows, weight, inverseScale } = data
  let inAll = 0
  for (let i = 0; i < n; i++) if (from[i] === parent && to[i] === j) inAll += weight[i]
  const [before, since, left] = [0, 0, 0].map(() => ({ weight: 0, sum: new Float64Array(d) }))
  for (let i = 0; i < n; i++) {
    if (from[i] !== parent) continue
    const group = to[i] === j ? left : left.weight <= firstFew * inAll ? before : since
    group.weight += weight[i]
    for (let c = 0; c < d; c++) group.sum[c] += weight[i] * rows[i * d + c] * inverseScale[c]
  }
  if (!(before.weight > 0 && since.weight > 0 && left.weight > 0)) return 0
  let along = 0
  let way = 0
  for (let c = 0; c < d; c++) {
    const middle = before.sum[c] / before.weight
    const toLeft = left.sum[c] / left.weight - middle
    along += (since.sum[c] / since.weight - middle) * toLeft
    way += toLeft * toLeft
  }
  return way > 0 ? -along / way : 0
}
