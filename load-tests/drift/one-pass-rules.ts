/** The steps by which others let mini-batch k-means forget, one window of rows after another. */
import { kmeans } from '../../src/core/kmeans/kmeans.ts'
import { inertia, nearest } from '../../src/core/kmeans/nearest.ts'
import { Random } from '../../src/core/kmeans/random.ts'

export interface Rows {
  /** n × d. */
  readonly rows: Float64Array
  readonly n: number
  readonly d: number
  /** d factors by which a distance is scaled; the centroids are not. */
  readonly scale: Float64Array
}

/** `spark`: of Spark's StreamingKMeans; `scikit-learn`: of its MiniBatchKMeans.partial_fit, with the same decay. */
export type Rule = 'spark' | 'scikit-learn'
export const rules: readonly Rule[] = ['spark', 'scikit-learn']

/** A cluster that weighs less of the heaviest than this is dying (Spark), or starved (scikit-learn's reassignment_ratio). */
const dying = 1e-8
const starved = 0.01
/** Of the heaviest cluster's centroid, in which direction and how far Spark's two halves lie from it. */
const apart = 1e-14

export class OnePass {
  readonly rule: Rule
  private readonly halfLifeRows: number
  private readonly k: number
  private readonly random: Random
  private readonly centroids: Float64Array
  private readonly weight: Float64Array

  /** Begins with k-means of the first rows. */
  constructor(rule: Rule, halfLifeRows: number, k: number, first: Rows, seed: number) {
    this.rule = rule
    this.halfLifeRows = halfLifeRows
    this.k = k
    this.random = new Random(seed)
    const { rows, n, d, scale } = first
    this.centroids = kmeans(rows, n, d, k, scale, this.random, { restarts: 1 }).centroids.slice()
    this.weight = new Float64Array(k)
    for (const label of this.assigned(first).labels) this.weight[label]++
  }

  /** Mean squared distance of rows that it has not learned; then it learns them. */
  step(given: Rows): number {
    const { labels, distances } = this.assigned(given)
    const mean = inertia(distances, given.n) / given.n
    this.learn(given, labels)
    if (this.rule === 'spark') this.splitHeaviest(given.d)
    else this.reassignStarved(given)
    return mean
  }

  private assigned({ rows, n, d, scale }: Rows) {
    const labels = new Int32Array(n)
    const distances = new Float64Array(n)
    nearest(rows, n, d, this.centroids, this.k, scale, labels, distances)
    return { labels, distances }
  }

  private learn({ rows, n, d }: Rows, labels: Int32Array): void {
    const { centroids, weight, k } = this
    const sums = new Float64Array(k * d)
    const counts = new Float64Array(k)
    for (let i = 0; i < n; i++) {
      counts[labels[i]]++
      for (let f = 0; f < d; f++) sums[labels[i] * d + f] += rows[i * d + f]
    }
    const left = 0.5 ** (n / this.halfLifeRows)
    for (let j = 0; j < k; j++) {
      weight[j] *= left
      const together = weight[j] + counts[j]
      for (let c = j * d; counts[j] > 0 && c < (j + 1) * d; c++) {
        centroids[c] = (centroids[c] * weight[j] + sums[c]) / together
      }
      weight[j] = together
    }
  }

  private splitHeaviest(d: number): void {
    const { centroids, weight } = this
    const [heavy, light] = [weight.indexOf(Math.max(...weight)), weight.indexOf(Math.min(...weight))]
    if (weight[light] >= dying * weight[heavy]) return
    weight.fill((weight[heavy] + weight[light]) / 2, heavy, heavy + 1)
    weight[light] = weight[heavy]
    for (let f = 0; f < d; f++) {
      const at = centroids[heavy * d + f]
      const step = apart * Math.max(Math.abs(at), 1)
      centroids[heavy * d + f] = at + step
      centroids[light * d + f] = at - step
    }
  }

  private reassignStarved({ rows, n, d }: Rows): void {
    const { centroids, weight, random, k } = this
    const least = starved * Math.max(...weight)
    for (let j = 0; j < k; j++) {
      if (weight[j] >= least) continue
      const row = Math.floor(random.uniform() * n)
      centroids.set(rows.subarray(row * d, (row + 1) * d), j * d)
      weight[j] = least
    }
  }
}
