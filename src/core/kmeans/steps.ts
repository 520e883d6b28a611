/** Long computations in steps, so that whoever runs them can let other work through in between. */

/**
 * A part that is a function of its input alone, which is plain data: another thread may do it, and gives the same bits.
 * `name` is that of `computations` in core/upkeep/computations.ts.
 */
export interface Computation<T = unknown> {
  readonly name: string
  readonly input: unknown
  /** Multiplications of one pass over its rows: the longest of its steps takes about so many. */
  readonly stepWork: number
  readonly steps: () => Steps<T>
}

/** Yields between steps of some milliseconds to a second, or a computation, whose result it is given; then returns the result. */
export type Steps<T> = Generator<Computation | undefined, T, unknown>

/** What the computation gives, wherever it is done. */
export function* computed<T>(computation: Computation<T>): Steps<T> {
  return (yield computation) as T
}

/** Runs all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (let given: unknown; ; ) {
    const step = steps.next(given)
    if (step.done === true) return step.value
    given = step.value === undefined ? undefined : finish(step.value.steps())
  }
}
