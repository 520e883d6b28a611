/** Long computations in steps, so that whoever runs them can let other work through in between. */

/** Yields between steps of some milliseconds to a second, and returns the result. */
export type Steps<T> = Generator<void, T, void>

/** Runs all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
