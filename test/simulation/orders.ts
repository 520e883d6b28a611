/** What is asked of a process that runs seeds, and what it answers, one at a time. */
import type { Shape } from './plan.ts'
import type { Verdict } from './run-plan.ts'

export type Order =
  | { readonly kind: 'run'; readonly seed: number; readonly shape?: Partial<Shape> }
  | { readonly kind: 'report'; readonly seed: number }

export type Answer =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'report'; readonly text: string }
