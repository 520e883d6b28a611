/** A deliberate bug: edits of the product's own sources, made when they are loaded. */
import type { Shape } from './plan.ts'

interface Edit {
  /** From the root of the repository. */
  readonly file: string
  /** Occurs once in the file. */
  readonly find: string
  readonly replace: string
}

export interface Mutation {
  /** What the bug is. */
  readonly name: string
  readonly edits: readonly Edit[]
  /** What a world needs to have for it to matter. */
  readonly shape?: Partial<Shape>
}
