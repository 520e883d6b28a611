/** The smallest plan that still breaks the promise: a failure that a person can read. */
import type { Fault, Plan, Shape } from './plan.ts'

/** Runs, each a fraction of a second. */
const mostRuns = 200

/**
 * Takes away one thing after the other for as long as `breaks` says that what is left still breaks the same promise: faults first,
 * then events, processes, partitions and whatever else a world can do without.
 */
export async function shrink(plan: Plan, breaks: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let smallest = plan
  let runs = 0
  for (;;) {
    let found = false
    for (const smaller of smallerPlans(smallest)) {
      if (runs++ >= mostRuns) return smallest
      if (!(await breaks(smaller))) continue
      smallest = smaller
      found = true
      break
    }
    if (!found) return smallest
  }
}

function* smallerPlans(plan: Plan): Iterable<Plan> {
  const { faults, shape } = plan
  for (let i = faults.length - 1; i >= 0; i--) yield { ...plan, faults: faults.toSpliced(i, 1) }
  for (const change of smallerShapes(shape)) yield { ...plan, shape: { ...shape, ...change } }
  if (shape.startsMs.length > 1) yield withoutLastProcess(plan)
  for (let i = 0; i < faults.length; i++) {
    const shorter = shortened(faults[i])
    if (shorter !== null) yield { ...plan, faults: faults.with(i, shorter) }
  }
}

function* smallerShapes(shape: Shape): Iterable<Partial<Shape>> {
  // With fewer no model is born, and that nothing happens then is no failure.
  if (shape.events > 4 * shape.birthEvents) {
    yield { events: Math.ceil(shape.events / 2), inputMs: Math.ceil(shape.inputMs / 2) }
    yield { events: Math.ceil(0.8 * shape.events), inputMs: Math.ceil(0.8 * shape.inputMs) }
  }
  if (shape.partitions > 1) yield { partitions: shape.partitions - 1 }
  if (shape.invalidShare > 0) yield { invalidShare: 0 }
  if (shape.profiles) yield { profiles: false }
  if (shape.store !== 'none') yield { store: 'none' }
  if (shape.pace !== 'even') yield { pace: 'even' }
}

function withoutLastProcess(plan: Plan): Plan {
  const startsMs = plan.shape.startsMs.slice(0, -1)
  const faults = plan.faults.filter(
    (fault) => !('slot' in fault) || fault.slot === null || fault.slot < startsMs.length,
  )
  return { ...plan, shape: { ...plan.shape, startsMs }, faults }
}

function shortened(fault: Fault): Fault | null {
  if ('forMs' in fault && fault.forMs > 20) return { ...fault, forMs: fault.forMs >>> 1 }
  if ('backAfterMs' in fault && fault.backAfterMs > 20) return { ...fault, backAfterMs: fault.backAfterMs >>> 1 }
  return null
}
