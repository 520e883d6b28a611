/** How well scores rank labelled rows: what `evaluate` reports. A higher score claims "more likely positive". */

/** Positives and rows from a threshold up. */
export interface Hits {
  /** Share of the flagged that are positive; null when nothing was flagged. */
  readonly precision: number | null
  /** Share of the positives that were flagged; null when there are none. */
  readonly recall: number | null
  readonly flagged: number
}

/**
 * Area under the ROC curve: the probability that a random positive outscores a random negative, a tie counting half
 * (Mann & Whitney 1947). Null when either kind is missing: there is no such probability.
 *
 * @param scores n scores, no NaN.
 * @param positive n flags, 1 for a positive.
 */
export function rocAuc(scores: Float64Array, positive: Uint8Array): number | null {
  let outscored = 0
  let positives = 0
  let negatives = 0
  for (const group of descendingGroups(scores, positive)) {
    const negativesHere = group.rows - group.positives
    // Every negative of this group is outscored by the positives above it, and half by those beside it.
    outscored += negativesHere * (positives + group.positives / 2)
    positives += group.positives
    negatives += negativesHere
  }
  return positives > 0 && negatives > 0 ? outscored / (positives * negatives) : null
}

/**
 * Average precision: Σ (R_t − R_{t−1}) · P_t over the distinct scores in falling order, so that tied rows enter
 * together; scikit-learn's average_precision_score. Null when there is no positive.
 */
export function averagePrecision(scores: Float64Array, positive: Uint8Array): number | null {
  let sum = 0
  let positives = 0
  let rows = 0
  for (const group of descendingGroups(scores, positive)) {
    positives += group.positives
    rows += group.rows
    sum += group.positives * (positives / rows)
  }
  return positives > 0 ? sum / positives : null
}

/** Precision and recall of a set that something else flagged: `flags` and `positive` hold n zeros and ones. */
export function hitsOfFlagged(flags: Uint8Array, positive: Uint8Array): Hits {
  let flagged = 0
  let positives = 0
  let hits = 0
  for (let i = 0; i < flags.length; i++) {
    flagged += flags[i]
    positives += positive[i]
    hits += flags[i] & positive[i]
  }
  return ratios(hits, flagged, positives)
}

/**
 * Precision and recall of the `share` of the rows that score highest, at least one row. When the cut falls among
 * tied rows their positives count in proportion: what a random choice among them would find on average.
 */
export function hitsOfTopShare(scores: Float64Array, positive: Uint8Array, share: number): Hits {
  const wanted = Math.min(scores.length, Math.max(1, Math.round(share * scores.length)))
  let taken = 0
  let hits = 0
  let positives = 0
  for (const group of descendingGroups(scores, positive)) {
    const take = Math.min(group.rows, wanted - taken)
    taken += take
    hits += (group.positives * take) / group.rows
    positives += group.positives
  }
  return ratios(hits, taken, positives)
}

/** How many rows, and how many positives among them, score at least as high as some score. */
export interface RankingPoint {
  readonly rows: number
  readonly positives: number
}

/**
 * The way down the ranking, from nothing flagged to everything: what ROC and precision-recall curves are drawn from.
 * Points nearer than 1/`steps` of either kind to the one before are left out.
 */
export function rankingCurve(scores: Float64Array, positive: Uint8Array, steps: number): RankingPoint[] {
  const all = positive.reduce((sum, flag) => sum + flag, 0)
  const others = scores.length - all
  const points: RankingPoint[] = [{ rows: 0, positives: 0 }]
  let rows = 0
  let positives = 0
  for (const group of descendingGroups(scores, positive)) {
    rows += group.rows
    positives += group.positives
    const last = points[points.length - 1]
    const gained = positives - last.positives
    const passed = rows - last.rows - gained
    if (gained * steps >= all || passed * steps >= others || rows === scores.length) points.push({ rows, positives })
  }
  return points
}

function ratios(hits: number, flagged: number, positives: number): Hits {
  return {
    precision: flagged > 0 ? hits / flagged : null,
    recall: positives > 0 ? hits / positives : null,
    flagged,
  }
}

interface Group {
  readonly rows: number
  readonly positives: number
}

/** Rows of equal score, the highest first. Sorting the positives' scores apart spares an index sort of all rows. */
function* descendingGroups(scores: Float64Array, positive: Uint8Array): Generator<Group> {
  const all = scores.slice().sort()
  if (Number.isNaN(all[all.length - 1])) throw new RangeError('A score must be a number to be ranked: got NaN')
  const ofPositives = scores.filter((_, i) => positive[i] === 1).sort()
  let p = ofPositives.length - 1
  for (let a = all.length - 1; a >= 0; ) {
    const score = all[a]
    const rowsAbove = a
    const positivesAbove = p
    while (a >= 0 && all[a] === score) a--
    while (p >= 0 && ofPositives[p] === score) p--
    yield { rows: rowsAbove - a, positives: positivesAbove - p }
  }
}
