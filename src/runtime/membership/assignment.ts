/**
 * Which member gets which partitions: as evenly as can be, and each partition stays where it was whenever evenness
 * allows, because what stays keeps its state and its buffers. A partition that must move is first given up by its
 * holder, in a generation in which nobody else has it, and assigned in the next (KIP-429, "cooperative").
 */

export interface Claim {
  readonly memberId: string
  /** What the member holds, by the generation it names. */
  readonly partitions: readonly number[]
  readonly generation: number
  /** False for a member that gives everything up before it joins: what it held may move at once. */
  readonly keeps: boolean
}

/** What one generation says of one member. */
export interface Assignment {
  readonly partitions: readonly number[]
  /** Held until now, and nobody's next: to be finished, and then no longer claimed. */
  readonly givingUp: readonly number[]
}

/**
 * Deterministic: the same claims, in any order, give the same assignments. Two claims to one partition are settled
 * for the later generation, then for the smaller member id. Returns every member, the ones without partitions too.
 */
export function assignSticky(claims: readonly Claim[], partitions: readonly number[]): ReadonlyMap<string, Assignment> {
  const all = partitions.toSorted((a, b) => a - b)
  const members = claims.toSorted((a, b) => compare(a.memberId, b.memberId))
  const holders = holdersOf(members, new Set(all))
  const targets = balanced(members, holders, all)
  return new Map(
    members.map(({ memberId, keeps }) => {
      const target = targets.get(memberId)!
      const isFree = (partition: number): boolean => {
        const holder = holders.get(partition)
        return holder === undefined || holder.memberId === memberId || !holder.keeps
      }
      const held = [...holders].filter(([, holder]) => holder.memberId === memberId).map(([partition]) => partition)
      const givingUp = keeps ? held.filter((partition) => !target.includes(partition)).toSorted((a, b) => a - b) : []
      return [memberId, { partitions: target.filter(isFree), givingUp }]
    }),
  )
}

/** Each partition at most once, with whoever claims it by the latest generation. */
function holdersOf(members: readonly Claim[], existing: ReadonlySet<number>): ReadonlyMap<number, Claim> {
  const holders = new Map<number, Claim>()
  for (const claim of members) {
    for (const partition of claim.partitions) {
      const other = holders.get(partition)
      if (existing.has(partition) && (other === undefined || claim.generation > other.generation))
        holders.set(partition, claim)
    }
  }
  return holders
}

/** Where each partition belongs, whoever has it now. */
function balanced(
  members: readonly Claim[],
  holders: ReadonlyMap<number, Claim>,
  all: readonly number[],
): ReadonlyMap<string, readonly number[]> {
  const held = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]))
  for (const partition of all) {
    const holder = holders.get(partition)
    if (holder !== undefined) held.get(holder.memberId)!.push(partition)
  }
  // The members that hold most keep the remainder, so that nobody gives one up for nothing.
  const byHoldings = members.toSorted(
    (a, b) => held.get(b.memberId)!.length - held.get(a.memberId)!.length || compare(a.memberId, b.memberId),
  )
  const least = Math.floor(all.length / Math.max(1, members.length))
  const remainder = all.length - least * members.length
  const quota = new Map(byHoldings.map(({ memberId }, rank) => [memberId, least + (rank < remainder ? 1 : 0)]))
  const targets = new Map(members.map(({ memberId }) => [memberId, held.get(memberId)!.slice(0, quota.get(memberId)!)]))
  const taken = new Set([...targets.values()].flat())
  const free = all.filter((partition) => !taken.has(partition))
  for (const { memberId } of members) {
    const mine = targets.get(memberId)!
    while (mine.length < quota.get(memberId)!) mine.push(free.shift()!)
    mine.sort((a, b) => a - b)
  }
  return targets
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
