/** "Did you mean": the known word that is nearest to a mistyped one. */

/** The nearest of `words`, when it is near enough to have been meant; null otherwise. Case does not count. */
export function suggest(word: string, words: readonly string[]): string | null {
  if (word.length > 64) return null
  const meant = word.toLowerCase()
  const limit = Math.max(1, Math.floor(meant.length / 3))
  let best: string | null = null
  let least = limit + 1
  for (const candidate of words) {
    const distance = editDistance(meant, candidate.toLowerCase())
    if (distance >= least) continue
    least = distance
    best = candidate
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(previous[j]! + 1, row[j - 1]! + 1, substitution)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = previous
    previous = row
  }
  return previous[b.length]!
}
