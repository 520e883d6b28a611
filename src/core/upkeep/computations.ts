/** What another thread can do for the fold, by the names that computations have. */
import type { Steps } from '../kmeans/steps.ts'
import { examineSteps } from '../quality/examination.ts'
import { refitSteps } from './refit.ts'

/** Each takes the input that a computation of its name has. */
export const computations = { refit: refitSteps, examine: examineSteps } as const satisfies Readonly<
  Record<string, (input: never) => Steps<unknown>>
>
