/** Which of the numbers of clusters that were tried is recommended, and why. */
import type { KCriteria } from './k-criteria.ts'

export interface TriedK extends KCriteria {
  /** The silhouette of as many clusters of one Gaussian blob that has the sample's covariance. */
  readonly blobSilhouette: number
  /** Mean adjusted Rand index between the clusters of the sample and those of parts of it: 1 when they are the same. */
  readonly stability: number
}

export interface Recommendation {
  readonly k: number
  /** Whether the sample says so; else it is the default. */
  readonly found: boolean
  /** Why, in a sentence. */
  readonly reason: string
}

/** Clusters whose parts are found again to this degree are there; chance is 0. */
const leastStability = 0.8
/** How far above one blob's the silhouette must be. */
const leastAboveBlob = 0.1
/** Silhouettes nearer than this are as good: then more clusters tell more. */
const asGood = 0.005
/** Of those, only what is found again about as well: one that splits a cluster in two is not. */
const asSteady = 0.1
/** A cluster of fewer rows is a few outliers. */
const leastShare = 0.002

/**
 * The recommendation, and why.
 * @param tried ascending in k.
 * @param n rows that were looked at.
 * @param otherwise what is recommended where no number stands out.
 */
export function recommended(tried: readonly TriedK[], n: number, otherwise: number): Recommendation {
  if (tried.length === 0) {
    return {
      k: otherwise,
      found: false,
      reason: `${n} rows are too few to try any number: ${otherwise} is the default`,
    }
  }
  const apart = tried.filter(({ silhouette, blobSilhouette }) => silhouette - blobSilhouette >= leastAboveBlob)
  const there = apart.filter(({ stability, smallest }) => stability >= leastStability && smallest >= leastShare * n)
  if (there.length === 0) return { k: otherwise, found: false, reason: whyNone(tried, apart, otherwise) }
  const best = there.reduce((most, { silhouette }) => Math.max(most, silhouette), 0)
  const good = there.filter(({ silhouette }) => silhouette >= best - asGood)
  const steadiest = good.reduce((most, { stability }) => Math.max(most, stability), 0)
  const chosen = good.reduce((last, each) => (each.stability >= steadiest - asSteady ? each : last))
  return { k: chosen.k, found: true, reason: why(chosen, tried) }
}

function why({ k, silhouette, blobSilhouette, stability }: TriedK, tried: readonly TriedK[]): string {
  const beside = [k - 1, k + 1].flatMap((other) => tried.filter((each) => each.k === other))
  const others = beside.map((each) => `${each.silhouette.toFixed(2)} at ${each.k}`).join(', ')
  const range = `${tried[0].k} to ${tried[tried.length - 1].k}`
  return (
    `${k} clusters: of ${range} their silhouette, ${silhouette.toFixed(2)}, is the best of those that hold ` +
    `(${others}; ${blobSilhouette.toFixed(2)} for one blob cut into ${k}), and parts of the sample give the same ` +
    `clusters (adjusted Rand index ${stability.toFixed(2)})`
  )
}

function whyNone(tried: readonly TriedK[], apart: readonly TriedK[], otherwise: number): string {
  const best = (apart.length > 0 ? apart : tried).reduce((most, each) =>
    each.silhouette - each.blobSilhouette > most.silhouette - most.blobSilhouette ? each : most,
  )
  const lacks =
    apart.length > 0
      ? `its clusters are not found again in parts of the sample (adjusted Rand index ${best.stability.toFixed(2)}, ` +
        `smallest cluster ${best.smallest} rows)`
      : `its silhouette, ${best.silhouette.toFixed(2)}, is hardly above that of one blob cut up, ` +
        best.blobSilhouette.toFixed(2)
  return `no number of clusters stands out (of the best, ${best.k}, ${lacks}): ${otherwise} is the default`
}
