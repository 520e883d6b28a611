/** What Shoal tells of drift while a stream is replayed. */
import type { Scorer } from '../../src/core/score/scorer.ts'
import type { Told } from './planted.ts'

/** Every version is looked at, because a model remembers its last findings alone. */
export class ToldByShoal {
  readonly all: Told[] = []
  readonly names: readonly string[]

  /** `names`: the features', as the plan has them. */
  constructor(names: readonly string[]) {
    this.names = names
  }

  /** `events` had been read when this version came. */
  note(_scorer: Scorer, _events: number): void {}
}
