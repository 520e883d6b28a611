/** A line of the acceptance: what is run for it, and what it must come to. */
import type { Runner } from './runner.ts'

export interface Verdict {
  /** Null: it was not run. */
  readonly passed: boolean | null
  readonly threshold: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What the numbers come to, in a sentence. */
  readonly summary: string
}

export interface Line {
  readonly number: number
  /** As --only takes it. */
  readonly name: string
  readonly title: string
  judge(runner: Runner, seeds: readonly number[]): Promise<Verdict>
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)))
}

/** A number of decimals that are enough to compare, or a dash. */
export function shown(value: number | null | undefined, decimals = 3): string {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(decimals)
}

export function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(0)} %`
}

export function notRun(threshold: string, why: string): Verdict {
  return { passed: null, threshold, head: [], rows: [], summary: `not run: ${why}` }
}
