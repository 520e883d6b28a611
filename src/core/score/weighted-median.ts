/** The middle of values that stand for more or less, without sorting them. */

/**
 * The least value such that it and those below it have half of the weight (Hoare's selection, by weight). Values and weights
 * are of the same length, above 0, and are left as they are; a value that is no number is equal to any.
 */
export function weightedMedian(values: Float64Array, weights: Float64Array): number {
  let rest = values
  let heavy = weights
  let left = 0
  for (const weight of weights) left += weight
  left /= 2
  for (;;) {
    const pivot = rest[rest.length >> 1]
    let [below, above] = [0, 0]
    let [belowWeight, besideWeight] = [0, 0]
    for (let i = 0; i < rest.length; i++) {
      if (rest[i] < pivot) {
        below++
        belowWeight += heavy[i]
      } else if (rest[i] > pivot) above++
      else besideWeight += heavy[i]
    }
    const isBelow = below > 0 && left <= belowWeight
    if (!isBelow && (above === 0 || left <= belowWeight + besideWeight)) return pivot
    const length = isBelow ? below : above
    const kept = new Float64Array(length)
    const keptWeights = new Float64Array(length)
    for (let i = 0, n = 0; n < length; i++) {
      if (isBelow ? rest[i] < pivot : rest[i] > pivot) {
        keptWeights[n] = heavy[i]
        kept[n++] = rest[i]
      }
    }
    if (!isBelow) left -= belowWeight + besideWeight
    rest = kept
    heavy = keptWeights
  }
}
