/**
 * Which member gets which partitions: as evenly as can be, and each partition stays where it was whenever evenness
 * allows, because what stays keeps its state and its buffers.
 */

export interface Claim {
  readonly memberId: string
  /** What the member held in the generation it names. */
  readonly partitions: readonly number[]
  readonly generation: number
}

/**
 * Deterministic: the same claims, in any order, give the same assignment. Two claims to one partition are settled
 * for the later generation, then for the smaller member id. Returns every member, the ones without partitions too.
 */
export function assignSticky(
  claims: readonly Claim[],
  partitions: readonly number[],
): ReadonlyMap<string, readonly number[]> {
  const members = claims.toSorted((a, b) => compare(a.memberId, b.memberId))
  const all = partitions.toSorted((a, b) => a - b)
  const kept = keptPartitions(members, new Set(all))
  // The members that hold most keep the remainder, so that nobody gives one up for nothing.
  const byHoldings = members.toSorted(
    (a, b) => kept.get(b.memberId)!.length - kept.get(a.memberId)!.length || compare(a.memberId, b.memberId),
  )
  const least = Math.floor(all.length / Math.max(1, members.length))
  const remainder = all.length - least * members.length
  const quota = new Map(byHoldings.map(({ memberId }, rank) => [memberId, least + (rank < remainder ? 1 : 0)]))
  const held = new Map(members.map(({ memberId }) => [memberId, kept.get(memberId)!.slice(0, quota.get(memberId)!)]))
  const taken = new Set([...held.values()].flat())
  const free = all.filter((partition) => !taken.has(partition))
  for (const { memberId } of members) {
    const mine = held.get(memberId)!
    while (mine.length < quota.get(memberId)!) mine.push(free.shift()!)
    mine.sort((a, b) => a - b)
  }
  return held
}

/** Each partition at most once, with whoever claims it by the latest generation. */
function keptPartitions(members: readonly Claim[], existing: ReadonlySet<number>): ReadonlyMap<string, number[]> {
  const owner = new Map<number, Claim>()
  for (const claim of members) {
    for (const partition of claim.partitions) {
      const other = owner.get(partition)
      if (existing.has(partition) && (other === undefined || claim.generation > other.generation))
        owner.set(partition, claim)
    }
  }
  const kept = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]))
  for (const [partition, { memberId }] of [...owner].sort(([a], [b]) => a - b)) kept.get(memberId)!.push(partition)
  return kept
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const userDataVersion = 1

/** What a member tells the leader with its JoinGroup. */
export function encodeClaim(partitions: readonly number[], generation: number): Buffer {
  const bytes = Buffer.alloc(10 + partitions.length * 4)
  bytes.writeInt16BE(userDataVersion, 0)
  bytes.writeInt32BE(generation, 2)
  bytes.writeInt32BE(partitions.length, 6)
  for (const [i, partition] of partitions.entries()) bytes.writeInt32BE(partition, 10 + i * 4)
  return bytes
}

/** A claim that cannot be read (another release's) counts as holding nothing. */
export function decodeClaim(memberId: string, bytes: Buffer): Claim {
  const nothing = { memberId, partitions: [], generation: -1 }
  if (bytes.length < 10 || bytes.readInt16BE(0) !== userDataVersion) return nothing
  const count = bytes.readInt32BE(6)
  if (bytes.length !== 10 + count * 4) return nothing
  const partitions = Array.from({ length: count }, (_, i) => bytes.readInt32BE(10 + i * 4))
  return { memberId, partitions, generation: bytes.readInt32BE(2) }
}
