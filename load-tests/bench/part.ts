/** A part of the bench: what it runs, and the lines of the table that come of it. */
import { join } from 'node:path'
import { outputOf } from '../program-output.ts'
import type { Spread } from '../spread.ts'

export interface Line {
  readonly what: string
  readonly figure: Spread
  readonly unit: string
  readonly beside?: Beside
}

/** What a figure stands beside, and how many times as fast it is: more events in a second, or less time. */
export interface Beside {
  readonly what: string
  /** Its own, in the same unit. */
  readonly figure: Spread
  readonly timesAsFast: Spread
}

export interface Conditions {
  /** Few rounds, to see whether it works. */
  readonly isQuick: boolean
  /** The folder of the others; null: nothing is measured beside them. */
  readonly peers: string | null
}

export interface Part {
  readonly name: string
  /** The title of its lines. */
  readonly title: string
  /** On two cores that do nothing else. */
  readonly takes: string
  measure(conditions: Conditions): Promise<readonly Line[]>
}

/** What a program of load-tests prints with --json, run by itself: none of the others' code is compiled in it. */
export async function printedBy<T>(program: string, ...args: readonly string[]): Promise<T> {
  const path = join(import.meta.dirname, '..', program)
  const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning']
  return JSON.parse(await outputOf(process.execPath, [...flags, path, ...args, '--json'])) as T
}
