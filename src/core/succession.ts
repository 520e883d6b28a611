/** Who follows whom when better centroids are adopted: clusters are the same while they hold the same rows. */
import { minimumCostMatching } from './hungarian.ts'
import type { ChangeKind } from './upkeep.ts'
import type { WeightedRows } from './weighted-lloyd.ts'

/** A cluster stays what it is while it shares so much with what it becomes: rows of both over rows of either (Jaccard). */
const leastShared = 1 / 3
/** What elder and younger rows share decides; among equals, what all share. */
const tieBreak = 1e-3
/** A cluster is born rather than split off when it has at most this share of its parent's elder rows beside the younger. */
const mostElder = 0.1
/** Relatives with less of the rows are not named. */
const leastRelated = 0.1
const mostRelatives = 8

/** How the sample's rows passed from the k clusters there were to the k there are, weighted. */
export interface Passage {
  readonly k: number
  /** Rows that were in i and are in j: [i·k + j]. */
  readonly rows: Float64Array
  /** Those of them that belong to the first half of i's rows, in the order of the log. */
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
    if (2 * seen[from[i]] < all.before[from[i]]) all.elder[at] += weight[i]
    seen[from[i]] += weight[i]
  }
  return all
}

/**
 * For each cluster that is, the one that it continues, or -1: by the matching that keeps most elder rows with their
 * cluster. So the heavier part of a split goes on, and the heavier parent of a merge; and where a new cluster has drawn an
 * old one to it, the part that stayed goes on.
 */
export function predecessors({ k, rows, elder, before, after }: Passage): Int32Array {
  const successor = minimumCostMatching(
    elder.map((shared, at) => -shared - tieBreak * rows[at]),
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

/** What a cluster is that continues none. */
export function kindOfNew(all: Passage, j: number, continues: Int32Array): ChangeKind {
  const parent = parentsOf(all, j).at(0)?.cluster
  if (parent === undefined) return 'reseeded'
  const elder = all.elder[parent * all.k + j]
  const younger = all.rows[parent * all.k + j] - elder
  if (elder <= mostElder * younger) return 'born'
  return continues.includes(parent) ? 'split' : 'reseeded'
}

/** What happened to a cluster that none continues: most of it is in another one now, or it is scattered or empty. */
export function kindOfGone(all: Passage, i: number): ChangeKind {
  const heir = heirsOf(all, i).at(0)
  return heir !== undefined && 2 * heir.rows >= all.before[i] ? 'merged' : 'dropped'
}
