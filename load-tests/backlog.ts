/**
 * The whole pipeline working off a backlog on a real Kafka beside it: events a second and CPU per event, with one and
 * with two processes, in turn in one run.
 * node load-tests/backlog.ts [--events 1000000] [--rounds 3] [--job cards|groups] [--json]
 *
 * The rate is that of committed input positions, from 20 % of the events to the last: starting up is not in it.
 * `cards`: the generator's transactions, which change on the way, with the default features. `groups`: the job of
 * load-tests/throughput, in which nothing changes: 12 fields, 8 columns, 16 clusters.
 */
import { parseArgs } from 'node:util'
import { thisMachine } from './results.ts'
import { spreadOf } from './spread.ts'
import { jobNamed, openPipeline, partitions, type Run } from './throughput/pipeline.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    job: { type: 'string', default: 'cards' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const rounds = Number(values.rounds)
const say = (line: string) => process.stderr.write(`${line}\n`)

const pipeline = await openPipeline(jobNamed(values.job), events, say)
try {
  const runs: Run[] = []
  for (let round = 0; round < rounds; round++) {
    for (const processes of [1, 2]) {
      const run = await pipeline.run(`backlog-${round}-${processes}`, processes)
      const rate = Math.round(run.eventsPerSecond).toLocaleString('en-US')
      say(`round ${round + 1}, ${processes} process(es): ${rate} events/s`)
      runs.push(run)
    }
  }
  print(runs)
} finally {
  await pipeline.close()
}
process.exit()

function print(runs: readonly Run[]): void {
  const of = (processes: number, figure: (run: Run) => number) =>
    runs.filter((run) => run.processes === processes).map(figure)
  const table = [1, 2].map((processes) => ({
    processes,
    eventsPerSecond: spreadOf(
      of(processes, (run) => run.eventsPerSecond),
      0,
    ),
    cpuUsPerEvent: spreadOf(
      of(processes, (run) => run.cpuUsPerEvent),
      2,
    ),
    brokerUsPerEvent: spreadOf(
      of(processes, (run) => run.brokerUsPerEvent),
      2,
    ),
  }))
  const ones = runs.filter((run) => run.processes === 1)
  const twos = runs.filter((run) => run.processes === 2)
  const ratios = ones.map((run, i) => twos[i].eventsPerSecond / run.eventsPerSecond)
  const machine = thisMachine()
  const report = { machine, events, rounds, partitions, table, twoOverOne: spreadOf(ratios, 2) }
  if (values.json) return void process.stdout.write(`${JSON.stringify(report)}\n`)
  process.stdout.write(`${machine}; ${events.toLocaleString('en-US')} events, ${rounds} rounds, broker beside it\n`)
  for (const { processes, eventsPerSecond: rate, cpuUsPerEvent: cpu, brokerUsPerEvent: broker } of table) {
    process.stdout.write(
      `${processes} process(es)  ${rate.median.toLocaleString('en-US')} events/s (${rate.least.toLocaleString('en-US')}–${rate.most.toLocaleString('en-US')})` +
        `  ${cpu.median} µs CPU an event, broker ${broker.median}\n`,
    )
  }
  const { median, least, most } = report.twoOverOne
  process.stdout.write(`two processes over one: ${median} (${least}–${most})\n`)
}
