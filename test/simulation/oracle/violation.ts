/** A promise of ARCHITECTURE.md that was broken. */
export class Violation extends Error {
  /** Its number there. */
  readonly promise: number

  constructor(promise: number, message: string) {
    super(message)
    this.name = 'Violation'
    this.promise = promise
  }
}
