import { expect, test } from 'vitest'
import { groupsOf } from '../../../src/core/drift/standing-apart.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { inverseScales, runningSpreads } from '../../../src/core/model/metric.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { bornFrom, numericPlan } from '../model/sample-model.ts'

const [d, k] = [3, 12]

/** Places in clouds of spread 1, of which some are near to one another, some hold hardly an event, and some lie on others. */
function scatter(model: Model, seed: number): void {
  const random = new Random(seed)
  const { mean, m2, weight } = model.usual.places
  const reach = 1 + 30 * random.uniform()
  for (let j = 0; j < k; j++) {
    weight[j] = random.below(4) === 0 ? 10 * random.uniform() : 10 + 500 * random.uniform()
    const twin = random.below(10) === 0 ? random.below(j + 1) : j
    for (let c = 0; c < d; c++) {
      mean[j * d + c] = twin < j ? mean[twin * d + c] : reach * random.uniform()
      m2[j * d + c] = weight[j] * random.below(3) * random.uniform()
    }
  }
}

/** The definition, word by word: single linkage of all pairs, and a light place with the nearest heavy one. */
function defined({ usual: { places }, upkeep, whole, floor }: Model): readonly number[] {
  const inverse = inverseScales(upkeep, runningSpreads({ whole, floor }))
  const { mean, m2, weight } = places
  const ways = (i: number, j: number) => Array.from(inverse, (s, c) => (mean[j * d + c] - mean[i * d + c]) * s)
  const distance = (i: number, j: number) => Math.hypot(...ways(i, j))
  const spread = (i: number, along: readonly number[]) =>
    Math.hypot(
      ...along.map((way, c) => (way * inverse[c] * Math.sqrt(m2[i * d + c] / weight[i])) / Math.hypot(...along)),
    )
  const linked = (i: number, j: number) =>
    distance(i, j) === 0 || distance(i, j) <= 2 * (spread(i, ways(i, j)) + spread(j, ways(i, j)))
  const group = Array.from({ length: k }, (_, j) => j)
  const join = (i: number, j: number) => {
    const [from, to] = [Math.max(group[i], group[j]), Math.min(group[i], group[j])]
    group.forEach((of, at) => {
      if (of === from) group[at] = to
    })
  }
  const heavy = group.filter((j) => weight[j] >= 10)
  for (const i of heavy) for (const j of heavy) if (i !== j && linked(i, j)) join(i, j)
  for (let i = 0; i < k; i++) {
    if (weight[i] >= 10 || heavy.length === 0) continue
    join(i, [...heavy].sort((a, b) => distance(i, a) - distance(i, b) || a - b)[0])
  }
  const seen = [...new Set(group)]
  return group.map((of) => seen.indexOf(of))
}

test('places are in one group when a chain of them leads from one to the other, each near to the next', () => {
  const random = new Random(1)
  const rows = Float64Array.from({ length: 1000 * d }, () => random.gaussian())
  const model = bornFrom(numericPlan(d), rows, 1000, k)
  const counts = new Set<number>()
  for (let seed = 1; seed <= 200; seed++) {
    scatter(model, seed)
    const groups = [...groupsOf(model)]
    expect(groups).toEqual(defined(model))
    counts.add(new Set(groups).size)
  }
  expect(counts.size).toBeGreaterThan(5)
})
