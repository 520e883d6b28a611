/**
 * What an attacker can do who owns some of the events, and what each defence does about it: through the score and train
 * stages of production, on the generator's card payments, 1,000 events a batch.
 * node load-tests/poisoning.ts [--seeds 5] [--only NAME]… [--json]
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { median } from './drift/judge.ts'
import type { PoisonedRun } from './poisoning/one-run.ts'
import { shown } from './quality/line.ts'
import { runProgress } from './quality/progress.ts'
import { Runner } from './quality/runner.ts'

const oneRun = fileURLToPath(new URL('poisoning/one-run.ts', import.meta.url))

interface Variant {
  readonly name: string
  readonly title: string
  readonly flags: readonly string[]
}

const bound = ['--key-share', '0.002']
const jump = ['--strategy', 'jump']
const more = ['--share', '0.05']

const variants: readonly Variant[] = [
  { name: 'nobody', title: 'no attack', flags: ['--share', '0'] },
  { name: 'walk', title: 'walks, no defence', flags: [] },
  { name: 'walk-bound', title: 'walks with 1 key, keyShare .002', flags: bound },
  { name: 'walk-bound-20', title: 'walks with 20 keys, keyShare .002', flags: [...bound, '--keys', '20'] },
  { name: 'walk-bound-1000', title: 'walks with 1,000 keys, keyShare .002', flags: [...bound, '--keys', '1000'] },
  { name: 'walk-frozen', title: 'walks, frozen by a person after 20,000', flags: ['--freeze-after', '20000'] },
  { name: 'jump', title: 'jumps, no defence', flags: jump },
  { name: 'jump-bound', title: 'jumps with 1 key, keyShare .002', flags: [...jump, ...bound] },
  { name: 'jump-more', title: 'jumps with 5 % of the events, no defence', flags: [...jump, ...more] },
  {
    name: 'jump-more-freeze',
    title: 'jumps with 5 %, reaction freeze',
    flags: [...jump, ...more, '--reaction', 'freeze'],
  },
  {
    name: 'jump-more-rollback',
    title: 'jumps with 5 %, reaction rollback',
    flags: [...jump, ...more, '--reaction', 'rollback'],
  },
  { name: 'walk-more', title: 'walks with 5 % of the events, no defence', flags: more },
  {
    name: 'walk-more-rollback',
    title: 'walks with 5 %, reaction rollback',
    flags: [...more, '--reaction', 'rollback'],
  },
]

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  },
})
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => String(seed))
const wanted = variants.filter(({ name }) => values.only === undefined || values.only.includes(name))
const progress = runProgress()
const runner = new Runner({ folder: '', rows: null, onChange: (done, all, run) => progress.update(done, all, run) })
const started = wanted.map((variant) => ({
  variant,
  runs: Promise.all(seeds.map((seed) => runner.program<PoisonedRun>(oneRun, '--seed', seed, ...variant.flags))),
}))
const found = await Promise.all(started.map(async ({ variant, runs }) => ({ ...variant, runs: await runs })))
if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`)
else progress.print(table())
progress.stop()

function table(): string {
  const body = new Table({
    head: ['attack and defence', 'nearest centroid', 'passes in the end', 'drift told', 'others called'],
    style: { head: [], border: [], compact: true },
  })
  for (const { title, runs } of found) {
    const middle = (of: (run: PoisonedRun) => number, digits: number) =>
      shown(median(runs.map(of).sort((a, b) => a - b)), digits)
    const told = runs.flatMap((run) => (run.told === null ? [] : [run.told]))
    body.push([
      title,
      `${middle((run) => run.distanceBefore, 1)} → ${middle((run) => run.distanceAfter, 1)}`,
      `${middle((run) => 100 * run.passing, 0)} %`,
      `${told.length} of ${runs.length}${told.length === 0 ? '' : ` (${told[0].kind}, ${told[0].after})`}`,
      `${middle((run) => 100 * run.othersAnomalous, 3)} %`,
    ])
  }
  return body.toString()
}
