/** How the events are distributed over the clusters. */
import { sharesOf } from '../shares.ts'

export interface Sizes {
  /** Least, middle and greatest share of the events that a cluster has. */
  readonly smallest: number
  readonly median: number
  readonly largest: number
  /** As many clusters of one size would be as even: e^(−Σ p ln p) of the shares p (Hill 1973); 1 to k. */
  readonly effective: number
  /** Clusters that have not one event left, and those that have less than a hundredth of what the largest has. */
  readonly empty: number
  readonly starved: number
}

/** What scikit-learn's MiniBatchKMeans takes for a cluster that must be put elsewhere (`reassignment_ratio`). */
const starvedShare = 0.01

/** The sizes of clusters by their decayed numbers of events; all 0 when there is none. */
export function sizesOf(weight: Float64Array): Sizes {
  const shares = sharesOf(weight).sort()
  const k = shares.length
  const most = weight.reduce((largest, events) => Math.max(largest, events), 0)
  let entropy = 0
  for (const share of shares) if (share > 0) entropy -= share * Math.log(share)
  const empty = weight.filter((events) => events < 1).length
  const starved = weight.filter((events) => events >= 1 && events < starvedShare * most).length
  return {
    smallest: shares[0],
    median: (shares[(k - 1) >> 1] + shares[k >> 1]) / 2,
    largest: shares[k - 1],
    effective: most > 0 ? Math.exp(entropy) : 0,
    empty,
    starved,
  }
}
