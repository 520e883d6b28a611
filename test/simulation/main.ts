/**
 * `npm run simulate`: worlds of simulated processes, each decided by its seed. One seed prints its trace; many print what
 * was injected and what was counted, and a failure its smallest world.
 */
import { Command } from 'commander'
import { durationMs, wholeNumber } from '../../src/cli/options.ts'
import { runSeeds, SeedWorker } from './crew.ts'
import { mutations } from './mutations.ts'
import { planOf } from './plan.ts'
import { planLines, type Summary, summaryOf } from './report.ts'
import { runPlan, type Verdict } from './run-plan.ts'
import { sharedSchemas } from './schemas.ts'
import { seedProgress } from './seed-progress.ts'

interface Options {
  readonly seed?: number
  readonly seeds: number
  readonly from: number
  readonly for?: number
  readonly workers: number
  readonly mutation?: string
  readonly json?: boolean
}

const program = new Command('simulate')
  .description(
    'Runs the stages and the runtime of several processes on the embedded log, under virtual time and seeded faults.',
  )
  .option('--seed <n>', 'run one seed and print everything that happens', wholeNumber(0))
  .option('--seeds <n>', 'run so many seeds', wholeNumber(1), 1000)
  .option('--from <n>', 'the first of them', wholeNumber(0), 1)
  .option('--for <duration>', 'run seeds for so long (90s, 10m)', durationMs)
  .option('--workers <n>', 'processes at a time', wholeNumber(1, 64), 2)
  .option('--mutation <name>', 'with a deliberate bug, by its name in test/simulation/mutations.ts')
  .option('--json', 'print one JSON document')
  .action(async (options: Options) => {
    if (options.mutation !== undefined && !mutations.some(({ name }) => name === options.mutation)) {
      program.error(`--mutation must be one of:\n${mutations.map(({ name }) => `  ${name}`).join('\n')}`)
    }
    const isSound = options.seed === undefined ? await runMany(options) : await runOne(options.seed, options)
    process.exitCode = isSound ? 0 : 1
  })

async function runOne(seed: number, { json, mutation }: Options): Promise<boolean> {
  if (mutation !== undefined) return runMutated(seed, mutation)
  const plan = planOf(seed)
  const { verdict, lines } = await runPlan(plan, await sharedSchemas(), true)
  if (json) {
    console.log(JSON.stringify({ ...verdict, plan, lines }))
  } else {
    console.log([...planLines(plan), ...lines, verdictLine(verdict)].join('\n'))
  }
  return verdict.violation === null
}

/** The bug must be there before the product is loaded: in a process of its own. */
async function runMutated(seed: number, mutation: string): Promise<boolean> {
  const worker = new SeedWorker(mutation)
  const { violation } = await worker.run(seed)
  console.log(await worker.report(seed))
  worker.close()
  return violation === null
}

async function runMany(options: Options): Promise<boolean> {
  const startedMs = performance.now()
  const elapsedMs = () => performance.now() - startedMs
  const limitMs = options.for
  const verdicts: Verdict[] = []
  const progress = seedProgress(options.json === true)
  let given = 0
  const next = () => {
    const isOver = limitMs === undefined ? given >= options.seeds : elapsedMs() >= limitMs
    return isOver ? null : options.from + given++
  }
  await runSeeds(options.workers, options.mutation ?? null, next, (verdict) => {
    verdicts.push(verdict)
    const part = limitMs === undefined ? verdicts.length / options.seeds : elapsedMs() / limitMs
    progress.update(verdicts.length, part, elapsedMs())
    return verdict.violation === null
  })
  progress.stop()
  const summary = summaryOf(verdicts, elapsedMs())
  const [broken] = summary.broken
  const report = broken === undefined ? null : await reportIn(broken, options.mutation ?? null)
  if (options.json) console.log(JSON.stringify({ ...summary, report }))
  else console.log([...(report === null ? [] : [report, '']), ...summaryLines(summary)].join('\n'))
  return broken === undefined
}

async function reportIn(seed: number, mutation: string | null): Promise<string> {
  const worker = new SeedWorker(mutation)
  try {
    return await worker.report(seed)
  } finally {
    worker.close()
  }
}

function verdictLine({ seed, violation, steps, checksum }: Verdict): string {
  const what = violation === null ? 'keeps all promises' : `BREAKS PROMISE ${violation.promise}: ${violation.message}`
  return `seed ${seed} ${what} (${steps} steps, checksum ${checksum})`
}

function summaryLines(summary: Summary): readonly string[] {
  const { seeds, broken, seconds, seedsPerSecond, injected, steps, virtualHours } = summary
  const { events, assignments, deadLetters, versions, fenced, reactions, obeyed, handOvers, longestRecoveryMs } =
    summary
  const faults = Object.entries(injected).sort((a, b) => b[1] - a[1])
  return [
    `${seeds} seeds in ${seconds.toFixed(1)} s (${seedsPerSecond.toFixed(1)} a second): ${broken.length} broken`,
    `injected: ${faults.map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    `counted: ${events} events, ${assignments} assignments, ${deadLetters} dead letters, ${versions} versions, ${fenced} fenced commits, ${reactions} reactions to drift, ${obeyed} orders obeyed, ${handOvers} hand-overs`,
    `simulated: ${virtualHours.toFixed(1)} hours, ${steps} steps; longest recovery ${(longestRecoveryMs / 1000).toFixed(1)} s`,
  ]
}

await program.parseAsync()
