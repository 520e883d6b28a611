/** What a sample says of centroids: the part of an assessment that takes time. */

import { adjustedRand } from '../kmeans/adjusted-rand.ts'
import type { Computation, Steps } from '../kmeans/steps.ts'
import { labelsOf, type WeightedRows } from '../kmeans/weighted-lloyd.ts'
import { sum } from '../sum.ts'
import { type Separation, separationOf } from './separation.ts'

export interface ExamineInput {
  readonly data: WeightedRows
  /** k × d, in its units. */
  readonly centroids: Float64Array
  /** The same that were examined before; null: none. */
  readonly before: Float64Array | null
  readonly k: number
}

export interface Examination extends Separation {
  /** Of all rows about their mean. */
  readonly inertiaAboutMean: number
  /** Adjusted Rand index of the assignments to these centroids and those before; null: there were none. */
  readonly stability: number | null
}

export function examinationOf(input: ExamineInput): Computation<Examination> {
  const { data, k } = input
  return { name: 'examine', input, stepWork: data.n * data.d * k, steps: () => examineSteps(input) }
}

/** In 3·k distances a row of the sample; one step each. */
export function* examineSteps({ data, centroids, before, k }: ExamineInput): Steps<Examination> {
  const labels = labelsOf(data, centroids, k)
  yield
  const separation = separationOf(data, centroids, labels, k)
  yield
  const labelsBefore = before === null ? null : labelsOf(data, before, k)
  return {
    ...separation,
    inertiaAboutMean: separationOf(data, meanOf(data), new Int32Array(data.n), 1).inertia,
    stability: labelsBefore === null ? null : adjustedRand(labels, labelsBefore, data.weight),
  }
}

function meanOf({ n, d, rows, weight }: WeightedRows): Float64Array {
  const total = sum(weight)
  const mean = new Float64Array(d)
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) mean[c] += (weight[i] / total) * rows[i * d + c]
  return mean
}
