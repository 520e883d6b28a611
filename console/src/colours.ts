/** Colours of clusters: a cluster keeps its own for life. */

/** As many as style.css has, chosen to be told apart also by the colour-blind. */
const slots = 8

/**
 * The slot of each cluster that shows its colour: the id alone decides it, so that a cluster keeps it for life and for every
 * viewer. Of two that would have the same, the older one shows it, and the other is grey until it is pointed at.
 */
export function colouredIds(ids: readonly number[]): ReadonlySet<number> {
  const taken = new Map<number, number>()
  for (const id of ids.toSorted((a, b) => a - b)) if (!taken.has(id % slots)) taken.set(id % slots, id)
  return new Set(taken.values())
}

/** The variable of style.css. */
export function colourOf(id: number, shows: boolean): string {
  return shows ? `--cluster-${id % slots}` : '--cluster-grey'
}
