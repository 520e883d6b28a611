/** A value that must never be printed: whatever prints it, prints `***`. */
import { inspect } from 'node:util'
import { masked } from './violation.ts'

export class Secret {
  readonly #read: () => string

  /** `read` gives the value as it is now: a secret in a file may be replaced while the process runs. */
  constructor(value: string | (() => string)) {
    this.#read = typeof value === 'string' ? () => value : value
  }

  /** The value itself, for the one call that needs it, which asks anew each time. */
  reveal(): string {
    return this.#read()
  }

  toString(): string {
    return masked
  }

  toJSON(): string {
    return masked
  }

  [inspect.custom](): string {
    return masked
  }
}

/** Whether a name that is no key may have been meant for a secret: then its value is not shown either. */
export function looksSecret(name: string): boolean {
  return /pass|pwd|pw$|secret|token|credential|private|auth|sasl|key/i.test(name)
}
