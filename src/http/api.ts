/** What the API shows and does: the running service, as the composition root puts it together. */
import type { ModelFollower } from '../runtime/model-follower.ts'
import type { Judge } from '../stages/judge.ts'

export interface Api {
  readonly follower: Pick<ModelFollower, 'current'>
  readonly judge: Judge
}
