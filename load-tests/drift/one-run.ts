/**
 * What is told of one planted stream.
 * node load-tests/drift/one-run.ts SCENARIO [--seed 0] [--count N] [--csv PATH]
 *
 * Prints JSON. --count: so many events of a stationary stream. --csv: writes there what the clusters see of each event.
 */
import { parseArgs } from 'node:util'
import { FoundDrifts } from '../../src/cli/backtest/found-drifts.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openReplay } from '../../tools/replay/open-replay.ts'
import type { Plant, Told } from './planted.ts'
import { RowFile } from './row-file.ts'
import { scenariosNamed } from './scenarios.ts'
import { toldOf } from './told.ts'

export interface PlantedRun {
  readonly scenario: string
  readonly seed: number
  readonly events: number
  readonly plant: Plant | null
  readonly judgedFrom: number
  readonly told: readonly Told[]
  readonly seconds: number
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '0' }, count: { type: 'string' }, csv: { type: 'string' } },
})
const [scenario] = scenariosNamed([positionals[0] ?? 'nothing'])
const startedMs = systemClock.now()
const seed = Number(values.seed)
const stream = scenario.stream(seed, values.count === undefined ? undefined : Number(values.count))
const opened = openReplay(stream.configuration)
const { plan } = opened.settings
const names = plan.features.map(({ spec }) => spec.name)
const rowFile =
  values.csv === undefined
    ? null
    : new RowFile(
        values.csv,
        plan.columns.map(({ feature }) => names[feature]),
      )
const drifts = new FoundDrifts(plan)
let scored = 0
const facts = await opened.run(
  stream.events,
  {
    version: (scorer) => drifts.note(scorer.model, scored),
    scored({ count, rows, valid, scores }) {
      scored += count
      rowFile?.add(rows, valid, scores.distances)
    },
  },
  stream.batch === undefined ? {} : { batch: stream.batch },
)
await rowFile?.close()
const run: PlantedRun = {
  scenario: scenario.name,
  seed,
  events: facts.events,
  plant: stream.plant,
  judgedFrom: stream.judgedFrom,
  told: drifts.all.map(toldOf),
  seconds: (systemClock.now() - startedMs) / 1000,
}
process.stdout.write(`${JSON.stringify(run)}\n`)
