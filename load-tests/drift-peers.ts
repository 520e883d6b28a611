/**
 * Drift beside other detectors on the same streams: River's ADWIN, Page-Hinkley and KSWIN, Evidently, each with its defaults.
 * node load-tests/drift-peers.ts [--seeds 3] [--only SCENARIO]… [--kswin 1000] [--evidently 6000] [--json] [--keep]
 *
 * Needs Python 3.11 and its package index the first time. They see each column that the clusters see, and the distance to
 * them. Alarms of a detector within 1,000 events, in whatever columns, count as one. KSWIN takes about a millisecond for
 * every row and column, Evidently more than a second for a window: they see so many rows before the change only, and as
 * many, or 2,000, after it. --keep: writes load-tests/results/drift-peers.md.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, patienceEvents, resultOf, type ScenarioResult } from './drift/judge.ts'
import type { PlantedRun } from './drift/one-run.ts'
import type { Told } from './drift/planted.ts'
import { scenariosNamed } from './drift/scenarios.ts'
import { openPeers, type Peers } from './drift-peers/environment.ts'
import { percent, shown } from './quality/line.ts'
import { runProgress } from './quality/progress.ts'
import { Runner } from './quality/runner.ts'
import { type Grid, keepResults, markdownOf, textOf } from './results.ts'

const oneRun = fileURLToPath(new URL('drift/one-run.ts', import.meta.url))
const onceIn = 1_000
const stationaryEvents = 60_000
const defaults = ['stationary', 'sudden', 'one-feature', 'gradual', 'new-cluster', 'lost-cluster', 'daily-and-sudden']

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true, default: defaults },
    kswin: { type: 'string', default: '1000' },
    evidently: { type: 'string', default: '6000' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const [kswin, evidently] = [Number(values.kswin), Number(values.evidently)]
const wanted = scenariosNamed(values.only)
const progress = runProgress()
const runner = new Runner({ folder: '', rows: null, onChange: (done, all, run) => progress.update(done, all, run) })
const peers = await openPeers(runner, (line) => process.stderr.write(`${line}\n`))
const patience = `Not found is what no alarm follows within ${patienceEvents} events.`
const seenRows = `KSWIN sees ${kswin} rows on each side of the change, Evidently ${evidently} before it and 2,000 after.`
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed)
const asked = wanted.map(({ name }) => ({
  name,
  runs: Promise.all(seeds.map((seed) => sideBySide(name, seed, peers))),
}))
const found: { readonly name: string; readonly results: ReadonlyMap<string, ScenarioResult> }[] = []
for (const { name, runs: running } of asked) {
  const runs = await running
  const detectors = [...runs[0].keys()]
  const results = new Map(detectors.map((detector) => [detector, resultOf(runs.map((run) => run.get(detector)!))]))
  found.push({ name, results })
  if (!values.json) progress.print(`\n${textOf(tableOf(name, results))}`)
}
const sums = sumsOf(found.map(({ results }) => results))
if (values.json) process.stdout.write(`${JSON.stringify({ sums, scenarios: found.map(plain) }, null, 2)}\n`)
else progress.print(`\n${textOf(sumTable(sums))}\n${patience}`)
if (values.keep) {
  const tables = found.map(({ name, results }) => markdownOf(tableOf(name, results)))
  const seedsText = `${seeds.length} seeds of each stream.`
  const parts = [`${seedsText} ${patience} ${seenRows}`, markdownOf(sumTable(sums)), ...tables]
  process.stderr.write(`${await keepResults('drift-peers', 'Drift beside other detectors', parts)}\n`)
}
progress.stop()

/** What each detector tells of one stream. */
async function sideBySide(name: string, seed: number, { folder, alarmsIn }: Peers) {
  const path = join(folder, `${name}-${seed}.csv`)
  const count = name === 'stationary' ? ['--count', String(stationaryEvents)] : []
  const own = await runner.program<PlantedRun>(oneRun, name, '--seed', String(seed), ...count, '--csv', path)
  const at = own.plant?.at ?? own.events / 2
  const until = own.plant?.until ?? at
  const alarms = await alarmsIn(path, { at, until, kswin, evidently })
  rmSync(path)
  const of = (detector: string, told: readonly (readonly [number, string])[]): PlantedRun => {
    const [before, after] = detector.startsWith('KSWIN')
      ? [kswin, kswin]
      : detector.startsWith('Evid')
        ? [evidently, 2000]
        : [at, own.events]
    return {
      ...own,
      events: Math.min(own.events, until + after),
      judgedFrom: Math.max(own.judgedFrom, at - before),
      told: onceEach(told, at),
    }
  }
  return new Map([
    ['Shoal', own],
    ...Object.entries(alarms).map(([detector, told]) => [detector, of(detector, told)] as const),
  ])
}

/** The first alarm of every stretch of events; one begins with the change, so that nothing before it hides what is after. */
function onceEach(alarms: readonly (readonly [number, string])[], plantedAt: number): readonly Told[] {
  const seen = new Set<number>()
  return alarms.flatMap(([at, column]) => {
    const stretch = Math.floor((at - 1 - plantedAt) / onceIn)
    if (seen.has(stretch)) return []
    seen.add(stretch)
    return [{ at, kind: null, features: [column], message: column }]
  })
}

interface Sum {
  readonly detector: string
  readonly found: number
  readonly planted: number
  readonly rightFeature: number | null
  readonly medianDelay: number | null
  readonly falsePerMillion: number
}

function sumsOf(all: readonly ReadonlyMap<string, ScenarioResult>[]): readonly Sum[] {
  return [...all[0].keys()].map((detector) => {
    const of = all.map((results) => results.get(detector)!)
    const planted = of.filter((result) => result.found !== null)
    const withFeature = planted.filter(({ rightFeature }) => rightFeature !== null)
    const total = (select: (result: ScenarioResult) => number, from = of) => from.reduce((sum, r) => sum + select(r), 0)
    return {
      detector,
      found: total((r) => r.found! * r.runs, planted),
      planted: total((r) => r.runs, planted),
      rightFeature:
        withFeature.length === 0
          ? null
          : total((r) => r.rightFeature! * r.delays.length, withFeature) / total((r) => r.delays.length, withFeature),
      medianDelay: median(planted.flatMap(({ delays }) => delays).sort((a, b) => a - b)),
      falsePerMillion: (1e6 * total((r) => r.falseAlarms)) / total((r) => r.quietEvents),
    }
  })
}

function sumTable(of: readonly Sum[]): Grid {
  return {
    head: ['all together', 'found', 'right feature', 'median delay', 'false per million events'],
    rows: of.map(({ detector, found: foundRuns, planted, rightFeature, medianDelay, falsePerMillion }) => [
      detector,
      `${Math.round(foundRuns)} of ${planted}`,
      percent(detector.endsWith('distance') ? null : rightFeature),
      shown(medianDelay, 0),
      shown(falsePerMillion, 1),
    ]),
  }
}

function tableOf(name: string, results: ReadonlyMap<string, ScenarioResult>): Grid {
  return {
    head: [name, 'found', 'right feature', 'delay (median, worst)', 'false before'],
    rows: [...results].map(([detector, { found: share, rightFeature, delays, falseAlarms, quietEvents }]) => [
      detector,
      percent(share),
      percent(detector.endsWith('distance') ? null : rightFeature),
      delays.length === 0 ? '–' : `${shown(median(delays), 0)}, ${shown(delays.at(-1), 0)}`,
      `${falseAlarms} in ${quietEvents}`,
    ]),
  }
}

function plain({ name, results }: (typeof found)[number]) {
  return { name, detectors: Object.fromEntries(results) }
}
