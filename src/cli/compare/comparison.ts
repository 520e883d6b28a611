/** Two deployments on the same events: how far they group them alike, and which they call anomalous. */
import { adjustedRand } from '../../core/kmeans/adjusted-rand.ts'
import type { SaidOf } from './outputs.ts'

/** What both have said of events of one partition. */
export interface Pair {
  readonly partition: number
  readonly first: { readonly assignments: SaidOf; readonly anomalies: SaidOf }
  readonly second: { readonly assignments: SaidOf; readonly anomalies: SaidOf }
}

/** An event that only one of them calls anomalous. */
export interface Disputed {
  readonly partition: number
  readonly offset: number
  readonly by: 'first' | 'second'
  readonly firstScore: number
  readonly secondScore: number
  readonly firstCluster: number
  readonly secondCluster: number
}

/** A cluster of the first, and where its events are in the second, most first. */
export interface ClusterShare {
  readonly cluster: number
  readonly events: number
  readonly to: readonly { readonly cluster: number; readonly events: number }[]
}

export interface Comparison {
  /** That both have assigned. */
  readonly events: number
  /** In the same stretches, that only one has: invalid for the other. */
  readonly onlyFirst: number
  readonly onlySecond: number
  /** 1: they group alike, whatever the ids; about 0: as by chance. */
  readonly adjustedRand: number
  readonly clusters: readonly ClusterShare[]
  readonly anomalous: { readonly both: number; readonly first: number; readonly second: number }
  /** Shares of the events that both have assigned. */
  readonly anomalyShare: { readonly first: number; readonly second: number }
  readonly disputed: readonly Disputed[]
}

/** `top`: how many disputed events are named of each, the most unusual ones. */
export function compare(pairs: readonly Pair[], top: number): Comparison {
  const [a, b]: [number[], number[]] = [[], []]
  const anomalous = { both: 0, first: 0, second: 0 }
  const disputed: Disputed[] = []
  let [onlyFirst, onlySecond] = [0, 0]
  for (const { partition, first, second } of pairs) {
    const [one, other] = [first.assignments, second.assignments]
    const [flaggedByFirst, flaggedBySecond] = [new Set(first.anomalies.offset), new Set(second.anomalies.offset)]
    for (let i = 0, j = 0; i < one.offset.length || j < other.offset.length; ) {
      const [offset, beside] = [one.offset[i] ?? Number.POSITIVE_INFINITY, other.offset[j] ?? Number.POSITIVE_INFINITY]
      if (offset < beside) onlyFirst++
      if (beside < offset) onlySecond++
      if (offset === beside) {
        a.push(one.cluster[i])
        b.push(other.cluster[j])
        const [isFirst, isSecond] = [flaggedByFirst.has(offset), flaggedBySecond.has(offset)]
        if (isFirst && isSecond) anomalous.both++
        else if (isFirst || isSecond) {
          const by = isFirst ? 'first' : 'second'
          anomalous[by]++
          const scores = { firstScore: one.score[i], secondScore: other.score[j] }
          const clusters = { firstCluster: one.cluster[i], secondCluster: other.cluster[j] }
          disputed.push({ partition, offset, by, ...scores, ...clusters })
        }
      }
      if (offset <= beside) i++
      if (beside <= offset) j++
    }
  }
  const events = a.length
  const share = (flagged: number) => (events === 0 ? 0 : flagged / events)
  return {
    events,
    onlyFirst,
    onlySecond,
    adjustedRand: adjustedRand(Int32Array.from(a), Int32Array.from(b)),
    clusters: clusterShares(a, b),
    anomalous,
    anomalyShare: { first: share(anomalous.both + anomalous.first), second: share(anomalous.both + anomalous.second) },
    disputed: [...mostUnusual(disputed, 'first', top), ...mostUnusual(disputed, 'second', top)],
  }
}

function mostUnusual(disputed: readonly Disputed[], by: Disputed['by'], top: number): readonly Disputed[] {
  const score = (of: Disputed) => (by === 'first' ? of.firstScore : of.secondScore)
  return disputed
    .filter((of) => of.by === by)
    .sort((p, q) => score(q) - score(p))
    .slice(0, top)
}

function clusterShares(a: readonly number[], b: readonly number[]): readonly ClusterShare[] {
  const counts = new Map<number, Map<number, number>>()
  for (let i = 0; i < a.length; i++) {
    const row = counts.get(a[i]) ?? new Map<number, number>()
    counts.set(a[i], row)
    row.set(b[i], (row.get(b[i]) ?? 0) + 1)
  }
  const shares = [...counts].map(([cluster, row]) => {
    const to = [...row].map(([other, events]) => ({ cluster: other, events })).sort((p, q) => q.events - p.events)
    return { cluster, events: to.reduce((sum, { events }) => sum + events, 0), to }
  })
  return shares.sort((p, q) => q.events - p.events)
}
