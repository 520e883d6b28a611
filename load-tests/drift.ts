/**
 * The acceptance of drift: changes planted in seeded streams, what is told of them, and what is told of streams in which
 * nothing changes. Through the score and train stages of production, 1,000 events a batch.
 * node load-tests/drift.ts [--seeds 20] [--only SCENARIO]… [--stationary 20000000] [--stress] [--quick] [--verbose] [--json] [--keep]
 *
 * --stationary: so many events in which nothing changes, in eight streams. --stress: instead of all that, streams in which
 * nothing changes, but which are made to look so, as many events of each. --quick: three seeds and a million stationary
 * events. --verbose: prints all that was told. --keep: writes load-tests/results/drift.md, or drift-stress.md. Two processes at
 * once. Exit code 1 when a line fails.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, resultOf, type ScenarioResult } from './drift/judge.ts'
import type { PlantedRun } from './drift/one-run.ts'
import type { Scenario } from './drift/planted.ts'
import { accepted, scenariosNamed } from './drift/scenarios.ts'
import { stresses } from './drift/stress.ts'
import { leastFound, leastRightFeature, leastRightKind, mostDelay, verdicts } from './drift/verdict.ts'
import { percent, shown } from './quality/line.ts'
import { runProgress } from './quality/progress.ts'
import { Runner } from './quality/runner.ts'
import { type Grid, keepResults, markdownOf, textOf } from './results.ts'

const oneRun = fileURLToPath(new URL('drift/one-run.ts', import.meta.url))
/** Each a stream of its own: what is told of a young model and of an old one both count. */
const endlessRuns = 8

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    only: { type: 'string', multiple: true },
    stationary: { type: 'string' },
    stress: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const seeds = Array.from({ length: Number(values.seeds ?? (values.quick ? 3 : 20)) }, (_, seed) => seed)
const stationaryEvents = Number(values.stationary ?? (values.quick ? 1_000_000 : 20_000_000))
const wanted = values.only === undefined ? (values.stress ? stresses : accepted) : scenariosNamed(values.only)
const progress = runProgress()
const runner = new Runner({ folder: '', rows: null, onChange: (done, all, run) => progress.update(done, all, run) })
const running = wanted.map((scenario) => ({ scenario, runs: runsOf(scenario) }))
const found: { readonly scenario: Scenario; readonly runs: readonly PlantedRun[]; readonly result: ScenarioResult }[] =
  []
for (const { scenario, runs } of running) {
  found.push({ scenario, runs: await runs, result: resultOf(await runs) })
  if (values.verbose && !values.json) progress.print(allTold(await runs))
}
const outcome = verdicts(found)
const lines = outcome.map(({ passed, summary }) => `${passed ? 'PASS' : 'FAIL'}: ${summary}`)
if (values.json) {
  const judged = found.map(({ scenario: { name }, runs, result }) => ({ name, ...result, runs }))
  process.stdout.write(`${JSON.stringify({ seeds: seeds.length, scenarios: judged, verdicts: outcome }, null, 2)}\n`)
} else {
  const took = found.flatMap(({ runs }) => runs).reduce((sum, run) => sum + run.seconds, 0)
  progress.print(`\n${asked()}; ${took.toFixed(0)} s in all runs\n${textOf(table())}\n${lines.join('\n')}`)
}
if (values.keep) {
  const [name, title] = values.stress ? ['drift-stress', 'Drifts that are none'] : ['drift', 'Planted drifts']
  const toldOf = found.flatMap(({ runs }) => runs).filter((run) => run.plant === null && run.told.length > 0)
  const told = toldOf.length === 0 ? [] : [`Told where nothing changes:\n\n\`\`\`\n${allTold(toldOf)}\n\`\`\``]
  const path = await keepResults(name, title, [`${asked()}.`, markdownOf(table()), lines.join('\\\n'), ...told])
  process.stderr.write(`${path}\n`)
}
progress.stop()
process.exitCode = outcome.every(({ passed }) => passed) ? 0 : 1

function runsOf({ name, isEndless }: Scenario): Promise<readonly PlantedRun[]> {
  const run = (seed: number, ...more: readonly string[]) =>
    runner.program<PlantedRun>(oneRun, name, '--seed', String(seed), ...more)
  if (!isEndless) return Promise.all(seeds.map((seed) => run(seed)))
  const count = String(Math.ceil(stationaryEvents / endlessRuns))
  return Promise.all(Array.from({ length: endlessRuns }, (_, seed) => run(seed, '--count', count)))
}

function asked(): string {
  return [
    `${seeds.length} seeds`,
    `asked for: found at least ${percent(leastFound)}`,
    `right kind ${percent(leastRightKind)}`,
    `right feature ${percent(leastRightFeature)}`,
    `sudden within ${mostDelay} events`,
  ].join(', ')
}

function table(): Grid {
  return {
    head: ['planted', 'found', 'right kind', 'right feature', 'delay (median, worst)', 'false before', 'told as'],
    rows: found.map(({ scenario: { title }, result }) => {
      const { delays, kinds, falseAlarms, quietEvents } = result
      return [
        title,
        percent(result.found),
        percent(result.rightKind),
        percent(result.rightFeature),
        delays.length === 0 ? '–' : `${shown(median(delays), 0)}, ${shown(delays.at(-1), 0)}`,
        `${falseAlarms} in ${(quietEvents / 1e6).toFixed(2)} million`,
        Object.entries(kinds)
          .map(([kind, count]) => `${kind} ${count}`)
          .join(', '),
      ]
    }),
  }
}

function allTold(runs: readonly PlantedRun[]): string {
  return runs
    .map(({ scenario, seed, plant, told }) => {
      const planted = plant === null ? 'nothing planted' : `planted at ${plant.at} (${plant.features.join(', ')})`
      return [`${scenario}, seed ${seed}: ${planted}`, ...told.map(({ at, message }) => `  ${at}: ${message}`)].join(
        '\n',
      )
    })
    .join('\n')
}
