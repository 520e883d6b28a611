/** How unlikely a distance between two samples of one distribution is, whatever that distribution. */

/** Of all detectors together, where nothing changes: at most one in so many events. */
export const eventsBetweenFalse = 1e7
/**
 * The part of that which each kind of test may spend. Windows, the three lengths of their sums and quality take the part of a
 * stretch each, so that all together are 1.
 */
export const portions = { stretch: 0.125, fit: 0.2, centroids: 0.1, segments: 0.075 } as const

/** What one of `tests` tests may spend on a stretch of so many events: ln of a probability. */
export function allowance(events: number, tests: number, portion: number = portions.stretch): number {
  return Math.log(Math.min(1, (events * portion) / (eventsBetweenFalse * Math.max(1, tests))))
}

/** Wealth at which one of `tests` sequential tests that take a step each `windowEvents` says that something has changed: ln. */
export function wealthNeeded(windowEvents: number, tests: number, portion: number = portions.fit): number {
  return Math.log(Math.max(2, (eventsBetweenFalse * tests) / (portion * windowEvents)))
}

/**
 * Two samples, n and m, are each within t/√n and t/√m of what they are drawn from, but for 2·2·sets·e^(−2t²): for
 * distribution functions with sets = 1 (Dvoretzky, Kiefer & Wolfowitz; Massart 1990), for probabilities of any of so many
 * sets of bins by Hoeffding's inequality and a union over them. So no law of large numbers is assumed of the sizes.
 */
export function pairDistance(lnProbability: number, n: number, m: number, lnSets = 0): number {
  if (!(n > 0 && m > 0)) return Number.POSITIVE_INFINITY
  return Math.sqrt((Math.log(4) + lnSets - lnProbability) / 2) * (1 / Math.sqrt(n) + 1 / Math.sqrt(m))
}

/** The same, the other way round: a bound of the probability of such a distance. */
export function pairProbability(distance: number, n: number, m: number, lnSets = 0): number {
  if (!(n > 0 && m > 0)) return 1
  const t = distance / (1 / Math.sqrt(n) + 1 / Math.sqrt(m))
  return Math.min(1, Math.exp(Math.log(4) + lnSets - 2 * t * t))
}

/**
 * ln of a bound of the probability of so few of m, where there were `then` of n. Of all that both have, each is one of the m
 * with probability m / (n + m) where nothing has changed: hypergeometric, so Chernoff's bound of the binomial holds (Hoeffding
 * 1963), however few they are.
 */
export function lnFewer(now: number, m: number, then: number, n: number): number {
  const all = now + then
  const p = m / (n + m)
  const q = now / all
  if (!(p > q && p < 1)) return 0
  const ofThese = q > 0 ? q * Math.log(q / p) : 0
  return -all * (ofThese + (1 - q) * Math.log((1 - q) / (1 - p)))
}

/** ln of the number of ways to choose k of n. */
export function lnChoose(n: number, k: number): number {
  let ln = 0
  for (let i = 1; i <= k; i++) ln += Math.log((n - k + i) / i)
  return ln
}

/** Sets of bins: each is in or out, and what is not in a set is in another. */
export function lnSetsOf(bins: number): number {
  return Math.max(0, bins - 1) * Math.LN2
}
