/**
 * Shares `partitions` partitions out so that counts differ by at most one and as many as possible stay where they are.
 * `owned` lists what each member has; the answer is in the same order, each list ascending.
 */
export function shareOut(partitions: number, owned: readonly (readonly number[])[]): number[][] {
  const quotas = quotasOf(partitions, owned)
  const taken = new Set<number>()
  const kept = owned.map((before, member) => {
    const stays = [...new Set(before)].filter((each) => each < partitions && !taken.has(each)).slice(0, quotas[member])
    for (const partition of stays) taken.add(partition)
    return stays
  })
  const free = Array.from({ length: partitions }, (_, partition) => partition).filter((each) => !taken.has(each))
  return kept.map((stays, member) => [...stays, ...free.splice(0, quotas[member] - stays.length)].sort((a, b) => a - b))
}

/** The members who own most get the larger shares: that way the fewest partitions move. */
function quotasOf(partitions: number, owned: readonly (readonly number[])[]): number[] {
  const larger = partitions % owned.length
  const byOwned = owned.map((_, member) => member).sort((a, b) => owned[b].length - owned[a].length || a - b)
  const rank = new Map(byOwned.map((member, place) => [member, place]))
  return owned.map((_, member) => Math.floor(partitions / owned.length) + (rank.get(member)! < larger ? 1 : 0))
}
