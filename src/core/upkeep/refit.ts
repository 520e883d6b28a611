/** Centroids that may hold the stream better than the present ones, and what the sample says of them. */

import { breathingSteps } from '../kmeans/breathing.ts'
import { Random } from '../kmeans/random.ts'
import type { Computation, Steps } from '../kmeans/steps.ts'
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import { type Judgement, judged } from './paired-test.ts'

export interface RefitInput {
  /** The model's sample. */
  readonly data: WeightedRows
  /** k × d, in its units. */
  readonly present: Float64Array
  readonly k: number
  readonly seed: number
}

export interface Proposal extends Judgement {
  /** k × d. */
  readonly centroids: Float64Array
}

export function refitOf(input: RefitInput): Computation<Proposal> {
  const { data, k } = input
  return { name: 'refit', input, stepWork: data.n * data.d * k, steps: () => refitSteps(input) }
}

export function* refitSteps({ data, present, k, seed }: RefitInput): Steps<Proposal> {
  const { centroids } = yield* breathingSteps(data, present, k, new Random(seed))
  yield
  return { centroids, ...judged(data, present, centroids, k) }
}
