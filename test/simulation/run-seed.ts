/** One seed from its plan to its verdict. */
import { Violation } from './oracle/violation.ts'
import type { Plan } from './plan.ts'
import type { Schemas } from './schemas.ts'
import { Trace } from './trace.ts'
import { World } from './world.ts'

export interface Verdict {
  readonly seed: number
  /** Null: all promises were kept. */
  readonly violation: { readonly promise: number; readonly message: string } | null
  readonly faults: number
  readonly steps: number
  readonly virtualMs: number
  readonly events: number
  readonly assignments: number
  readonly deadLetters: number
  readonly anomalies: number
  readonly versions: number
  readonly checksum: string
  readonly lines: readonly string[]
}

export async function runPlan(plan: Plan, schemas: Schemas, keepsLines: boolean): Promise<Verdict> {
  const trace = new Trace(keepsLines)
  const world = new World(plan, { schemas, trace, files: null })
  const violation = await world.live().then(
    () => null,
    (error: unknown) => {
      if (error instanceof Violation) return { promise: error.promise, message: error.message }
      throw error
    },
  )
  const { assignments, deadLetters, anomalies } = world.oracle.outcomes
  return {
    seed: plan.seed,
    violation,
    faults: plan.faults.length,
    steps: trace.count,
    virtualMs: world.schedule.nowMs,
    events: world.input.count,
    assignments,
    deadLetters,
    anomalies,
    versions: world.oracle.versions.published,
    checksum: trace.checksum,
    lines: trace.lines,
  }
}
