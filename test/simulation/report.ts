/** A broken promise as text: what was broken, the smallest world that breaks it, and the last that happened there. */
import { type Plan, planOf, type Shape } from './plan.ts'
import { runPlan, type Verdict } from './run-plan.ts'
import type { Schemas } from './schemas.ts'
import { shrink } from './shrink.ts'

const lastLines = 80
/** What every process does all the time, and after everything has come to a halt. */
const idle = /(describe|positions|bounds|snapshots history)$|wakes after (5000|200) ms$/

export async function reportOf(seed: number, change: Partial<Shape>, schemas: Schemas): Promise<string> {
  const plan = planOf(seed, change)
  const { verdict } = await runPlan(plan, schemas)
  const { violation } = verdict
  if (violation === null) return `seed ${seed} keeps all promises`
  const breaks = async (smaller: Plan) =>
    (await runPlan(smaller, schemas)).verdict.violation?.promise === violation.promise
  const smallest = await shrink(plan, breaks)
  const { verdict: small, lines } = await runPlan(smallest, schemas, true)
  return [
    `seed ${seed} breaks promise ${violation.promise}: ${violation.message}`,
    `The smallest world that does (${small.events} events, ${small.steps} steps): ${small.violation?.message}`,
    ...planLines(smallest),
    'Its last steps, but for those of processes that only look whether there is something to do:',
    ...lines.filter((line) => !idle.test(line)).slice(-lastLines),
    `npm run simulate -- --seed ${seed} prints the whole trace.`,
  ].join('\n')
}

export function planLines({ shape, faults }: Plan): readonly string[] {
  return [`shape ${JSON.stringify(shape)}`, ...faults.map((fault) => `fault ${JSON.stringify(fault)}`)]
}

/** Sums over many seeds, for people. */
export function summaryOf(verdicts: readonly Verdict[], wallMs: number): Summary {
  const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0)
  const injected: Record<string, number> = {}
  for (const verdict of verdicts) {
    for (const [kind, count] of Object.entries(verdict.injected)) injected[kind] = (injected[kind] ?? 0) + count
  }
  return {
    seeds: verdicts.length,
    broken: verdicts.filter(({ violation }) => violation !== null).map(({ seed }) => seed),
    seconds: wallMs / 1000,
    seedsPerSecond: (verdicts.length * 1000) / wallMs,
    injected,
    events: sum(({ events }) => events),
    assignments: sum(({ assignments }) => assignments),
    deadLetters: sum(({ deadLetters }) => deadLetters),
    versions: sum(({ versions }) => versions),
    fenced: sum(({ fenced }) => fenced),
    reactions: sum(({ reactions }) => reactions),
    obeyed: sum(({ obeyed }) => obeyed),
    handOvers: sum(({ handOvers }) => handOvers),
    steps: sum(({ steps }) => steps),
    virtualHours: sum(({ virtualMs }) => virtualMs) / 3_600_000,
    longestRecoveryMs: Math.max(0, ...verdicts.map(({ recoveryMs }) => recoveryMs)),
  }
}

export interface Summary {
  readonly seeds: number
  readonly broken: readonly number[]
  readonly seconds: number
  readonly seedsPerSecond: number
  readonly injected: Readonly<Record<string, number>>
  readonly events: number
  readonly assignments: number
  readonly deadLetters: number
  readonly versions: number
  readonly fenced: number
  readonly reactions: number
  readonly obeyed: number
  readonly handOvers: number
  readonly steps: number
  readonly virtualHours: number
  readonly longestRecoveryMs: number
}
