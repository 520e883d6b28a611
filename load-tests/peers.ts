/**
 * Shoal beside other stream processors doing the same job on the same broker, in turn in one run: events a second, and
 * events for each second of the processor's CPU.
 * node load-tests/peers.ts FOLDER [--rounds 5] [--events 2000000] [--only NAME]… [--scratch FOLDER] [--json] [--keep]
 *
 * FOLDER holds the others with a program that starts each of them and measures it; it is copied before anything is done in
 * it (to .shoal/peers, where it is found the next time). Needs Python, Java and Maven with their package indexes then.
 * The rate is that of records that a reader of committed ones sees, from 20 % of them to the last: starting is not in it.
 * The first round reads everything back: each event must be there once. --keep: writes load-tests/results/peers.md.
 */
import { parseArgs } from 'node:util'
import { openProcessors } from './peers/environment.ts'
import { programs } from './peers/programs.ts'
import { usualScratch } from './peers/scratch.ts'
import { type Grid, keepResults, markdownOf, textOf } from './results.ts'
import { spreadOf } from './spread.ts'

/** What the measuring program prints. */
interface Measured {
  readonly done: boolean
  readonly rate: number
  readonly cpu_s: number
  readonly broker_cpu_s: number
  readonly rss_mb: number
  readonly first_s: number
  readonly other_share: number
  /** Null where it was not read back. */
  readonly missing: number | null
  readonly dup: number
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    events: { type: 'string', default: '2000000' },
    only: { type: 'string', multiple: true, default: ['kafka-streams', 'flink', 'copy'] },
    scratch: { type: 'string', default: usualScratch },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
if (positionals.length !== 1) throw new Error('peers takes one folder, that of the others: see the head of this file')
const rounds = Number(values.rounds)
const events = Number(values.events)
const say = (line: string) => process.stderr.write(`${line}\n`)

const processors = await openProcessors(positionals[0], values.scratch, events, say)
const known = programs(processors.folder)
const names = ['shoal', ...values.only]
const found = new Map<string, Measured[]>(names.map((name) => [name, []]))
try {
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const command = known.get(name)
      if (command === undefined) throw new Error(`${name} must be one of ${[...known.keys()].join(', ')}`)
      const measured = (await processors.measure(name, events, command, round === 0)) as Measured
      say(`round ${round + 1}: ${name.padEnd(13)} ${shown(measured.rate)} events/s${wrong(measured)}`)
      if (!measured.done) throw new Error(`${name} has not dealt with ${events} events: see ${processors.folder}/logs`)
      found.get(name)?.push(measured)
    }
  }
} finally {
  await processors.stop()
}
const table = tableOf()
if (values.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(found), null, 2)}\n`)
else process.stdout.write(`${textOf(table)}\n`)
if (values.keep) {
  const path = await keepResults('peers', 'Shoal beside other stream processors', [markdownOf(table)])
  say(`kept in ${path}`)
}

function wrong({ missing, dup, other_share: other }: Measured): string {
  const told = [
    ...(missing === null || missing + dup === 0 ? [] : [`${missing} missing, ${dup} twice`]),
    ...(other < 0.1 ? [] : [`${Math.round(100 * other)} % of the machine was busy with something else`]),
  ]
  return told.length === 0 ? '' : ` (${told.join('; ')})`
}

function tableOf(): Grid {
  const own = found.get('shoal') ?? []
  return {
    head: [
      '',
      'events a second',
      'Shoal is',
      'events a CPU second',
      'Shoal is',
      'broker µs an event',
      'MB',
      'first after s',
    ],
    rows: names.map((name) => {
      const all = found.get(name) ?? []
      const of = (figure: (each: Measured) => number, digits = 0) => spreadOf(all.map(figure), digits)
      const ratio = (figure: (each: Measured) => number) => {
        if (name === 'shoal') return ''
        const { median, least, most } = spreadOf(
          all.map((each, i) => figure(own[i]) / figure(each)),
          2,
        )
        return `${median} × (${least}–${most})`
      }
      const [rate, perCpu] = [of(rateOf), of(perCpuOf)]
      return [
        name,
        `${shown(rate.median)} (${shown(rate.least)}–${shown(rate.most)})`,
        ratio(rateOf),
        `${shown(perCpu.median)} (${shown(perCpu.least)}–${shown(perCpu.most)})`,
        ratio(perCpuOf),
        String(of((each) => (1e6 * each.broker_cpu_s) / events, 2).median),
        String(of((each) => each.rss_mb).most),
        String(of((each) => each.first_s, 1).median),
      ]
    }),
  }
}

function rateOf({ rate }: Measured): number {
  return rate
}

/** Starting is in it. */
function perCpuOf({ cpu_s: cpu }: Measured): number {
  return events / cpu
}

function shown(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
