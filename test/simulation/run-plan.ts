/** One plan from its beginning to its verdict. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileSnapshots } from '../../src/adapters/file/file-snapshots.ts'
import { Violation } from './oracle/violation.ts'
import type { Fault, Plan } from './plan.ts'
import type { Schemas } from './schemas.ts'
import { Trace } from './trace.ts'
import { World } from './world.ts'

export interface Verdict {
  readonly seed: number
  /** Null: all promises were kept. */
  readonly violation: { readonly promise: number; readonly message: string } | null
  readonly injected: { readonly [K in Fault['kind']]?: number }
  readonly steps: number
  readonly virtualMs: number
  readonly events: number
  readonly assignments: number
  readonly deadLetters: number
  readonly anomalies: number
  readonly versions: number
  /** Commits that were refused because they were a zombie's. */
  readonly fenced: number
  /** Drifts that were reacted to. */
  readonly reactions: number
  /** Commands of a person, of the last ones that were obeyed. */
  readonly obeyed: number
  /** Partitions whose outputs one deployment has handed to the other. */
  readonly handOvers: number
  /** From the last fault, or the last event, until everything was done. */
  readonly recoveryMs: number
  /** Over everything that happened and everything that was committed. */
  readonly checksum: string
}

export interface Run {
  readonly verdict: Verdict
  /** The trace, when it was kept. */
  readonly lines: readonly string[]
}

export async function runPlan(plan: Plan, schemas: Schemas, keepsLines = false): Promise<Run> {
  const trace = new Trace(keepsLines)
  const folder = plan.shape.store === 'files' ? mkdtempSync(join(tmpdir(), 'shoal-simulated-')) : null
  try {
    const { historyLimit } = plan.shape
    const files = folder === null ? null : fileSnapshots({ folder, historyLimit })
    const world = new World(plan, { schemas, trace, files })
    const violation = await violationIn(world)
    return { verdict: verdictOf(plan, world, trace, violation), lines: trace.lines }
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true })
  }
}

async function violationIn(world: World): Promise<Verdict['violation']> {
  try {
    await world.live()
    return null
  } catch (error) {
    if (error instanceof Violation) return { promise: error.promise, message: error.message }
    throw error
  }
}

function verdictOf(plan: Plan, world: World, trace: Trace, violation: Verdict['violation']): Verdict {
  const { assignments, deadLetters, anomalies } = world.oracle.outcomes
  const injected: { [K in Fault['kind']]?: number } = {}
  for (const { kind } of plan.faults) injected[kind] = (injected[kind] ?? 0) + 1
  return {
    seed: plan.seed,
    violation,
    injected,
    steps: trace.count,
    virtualMs: world.schedule.nowMs,
    events: world.input.count,
    assignments,
    deadLetters,
    anomalies,
    versions: world.oracle.versions.published,
    fenced: world.fenced,
    reactions: world.oracle.versions.reactions,
    obeyed: world.oracle.versions.obeyed,
    handOvers: world.oracle.handOvers.count,
    recoveryMs: world.recoveryMs,
    checksum: trace.checksum,
  }
}
