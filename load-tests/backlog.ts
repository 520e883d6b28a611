/**
 * The whole pipeline working off a backlog on a real Kafka beside it, exactly once: events a second and CPU per event, in several
 * shapes, in turn in one run.
 * node load-tests/backlog.ts [--events 1000000] [--rounds 3] [--shapes 4:1,4:2] [--job cards|groups] [--json]
 *
 * A shape is partitions:processes, or partitions:processes:bytes of an event (left out: as its fields take, about 100; with `groups`
 * alone). Of large events there are fewer: 500 MB at most. The rate is that of committed input positions, from 20 % of the events
 * to the last: starting up is not in it.
 * `cards`: the generator's transactions, which change on the way, with the default features. `groups`: the job of
 * load-tests/throughput, in which nothing changes: 12 fields, 8 columns, 16 clusters.
 */
import { parseArgs } from 'node:util'
import { textOf, thisMachine } from './results.ts'
import { type Spread, spreadOf } from './spread.ts'
import { usualJob } from './throughput/job.ts'
import { type Backlog, input, jobNamed, openPipeline, type Run, usualPartitions } from './throughput/pipeline.ts'

const mostBytes = 500_000_000

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    shapes: { type: 'string', default: '4:1,4:2' },
    job: { type: 'string', default: 'cards' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const rounds = Number(values.rounds)
const job = jobNamed(values.job)
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Shape {
  readonly partitions: number
  readonly processes: number
  /** Null: as the fields take. */
  readonly bytes: number | null
}

export interface BacklogFigures extends Shape {
  readonly eventsPerSecond: Spread
  readonly cpuUsPerEvent: Spread
  readonly brokerUsPerEvent: Spread
  /** The same with one process, or of one process the first shape; and how many times the events a second of it, round by round. */
  readonly beside: { readonly shape: Shape; readonly eventsPerSecond: Spread; readonly ratio: Spread } | null
}

const shapes = values.shapes.split(',').map(shapeOf)
const pipeline = await openPipeline(job, events, say)
const runs = new Map<Shape, Run[]>(shapes.map((shape) => [shape, []]))
try {
  const backlogs = new Map([...shapes.map(backlogOf)].map((backlog) => [backlog.topic, backlog]))
  for (const backlog of backlogs.values()) if (backlog.topic !== input) await pipeline.fill(backlog)
  for (let round = 0; round < rounds; round++) {
    for (const [i, shape] of shapes.entries()) {
      const run = await pipeline.run(`backlog-${round}-${i}`, shape.processes, { backlog: backlogOf(shape) })
      say(`round ${round + 1}, ${shapeText(shape)}: ${shown(run.eventsPerSecond)} events/s`)
      runs.get(shape)!.push(run)
    }
  }
} finally {
  await pipeline.close()
}
const found = shapes.map(figuresOf)
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), events, rounds, found }, null, 2)}\n`)
else report()
process.exit()

function shapeOf(text: string): Shape {
  const [partitions, processes, bytes = null] = text.split(':').map(Number)
  if (bytes !== null && job === 'cards') throw new Error(`the events of cards are as they are: got ${text}`)
  return { partitions, processes, bytes }
}

function backlogOf({ partitions, bytes }: Shape): Backlog {
  if (partitions === usualPartitions && bytes === null) return { topic: input, partitions, events }
  const topic = `${input}-${partitions}-${bytes ?? 'usual'}`
  if (bytes === null) return { topic, partitions, events }
  const count = Math.min(events, Math.floor(mostBytes / bytes))
  return { topic, partitions, events: count, size: { ...usualJob, eventBytes: bytes } }
}

function figuresOf(shape: Shape): BacklogFigures {
  const own = runs.get(shape)!
  const of = (figure: (run: Run) => number, digits: number) => spreadOf(own.map(figure), digits)
  const rateOf = ({ eventsPerSecond }: Run) => eventsPerSecond
  const other = besideOf(shape)
  const beside = other && {
    shape: other,
    eventsPerSecond: spreadOf(runs.get(other)!.map(rateOf), 0),
    ratio: spreadOf(
      own.map((run, i) => rateOf(run) / rateOf(runs.get(other)![i])),
      2,
    ),
  }
  return {
    ...shape,
    eventsPerSecond: of(rateOf, 0),
    cpuUsPerEvent: of((run) => run.cpuUsPerEvent, 2),
    brokerUsPerEvent: of((run) => run.brokerUsPerEvent, 2),
    beside,
  }
}

function besideOf(shape: Shape): Shape | null {
  const single = shapes.find(
    ({ partitions, processes, bytes }) => partitions === shape.partitions && bytes === shape.bytes && processes === 1,
  )
  const other = shape.processes > 1 ? single : shapes[0]
  return other === undefined || other === shape ? null : other
}

function report(): void {
  const text = ({ median, least, most }: Spread) => `${shown(median)} (${shown(least)}–${shown(most)})`
  const rows = found.map(({ eventsPerSecond, cpuUsPerEvent, brokerUsPerEvent, beside, ...shape }) => [
    shapeText(shape),
    text(eventsPerSecond),
    String(cpuUsPerEvent.median),
    String(brokerUsPerEvent.median),
    beside === null ? '' : shapeText(beside.shape),
    beside === null ? '' : `${beside.ratio.median} (${beside.ratio.least}–${beside.ratio.most})`,
  ])
  const head = ['', 'events a second', 'µs CPU an event', 'of the broker', 'beside', 'times as many']
  process.stdout.write(
    `${thisMachine()}; ${shown(events)} events, ${rounds} rounds, broker beside it\n${textOf({ head, rows })}\n`,
  )
}

function shapeText({ partitions, processes, bytes }: Shape): string {
  const size = bytes === null ? '' : `, ${shown(bytes)} bytes`
  return `${partitions} partition${partitions === 1 ? '' : 's'}, ${processes} process${processes === 1 ? '' : 'es'}${size}`
}

function shown(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
