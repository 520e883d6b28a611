/**
 * How long an event takes from when it should have been sent to when a reader of committed records sees its assignment, at
 * fixed rates: an open loop, so that what comes late because somebody is late counts from when it was due.
 * node load-tests/latency.ts [--rates 1000,10000,100000] [--seconds 20] [--rounds 3] [--peers FOLDER] [--scratch FOLDER] [--json]
 *
 * `--peers`: Kafka Streams too, in turns with Shoal, on the same broker with the same sender and reader, exactly_once_v2, with a commit
 * interval of 100 ms, which is its own, and with one of 10 (FOLDER as for peers.ts; needs Java, Maven and Python). Sender, reader,
 * broker and whose turn it is share the machine. Every event counts: percentiles of a round are of all, not of samples, to three
 * digits. A round begins with a process that is started anew and 300,000 events that are not counted; a first round of each counts
 * for nothing, because a broker that has just been started is compiling: its first minutes measure Java.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaLog } from '../src/adapters/kafka/log.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { had, obtainAll, stopAll } from '../tools/stack/stack.ts'
import { shoal, streams } from './latency/contenders.ts'
import { takeTurn } from './latency/turn.ts'
import { kafkaStreams, openScratch, usualScratch } from './peers/scratch.ts'
import { textOf, thisMachine } from './results.ts'
import { type Spread, spreadOf } from './spread.ts'

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '1000,10000,100000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'string' },
    scratch: { type: 'string', default: usualScratch },
    json: { type: 'boolean', default: false },
  },
})
const rates = values.rates.split(',').map(Number)
const [seconds, rounds] = [values.seconds, values.rounds].map(Number)
const say = (line: string) => process.stderr.write(`${line}\n`)

const percentiles = { p50: 50, p99: 99, p999: 99.9, most: 100 } as const
type Percentile = keyof typeof percentiles
type Late = Readonly<Record<Percentile, number>>
type LateSpreads = Readonly<Record<Percentile, Spread>>

/** Of one contender at one rate, in milliseconds. */
export interface LatencyFigures {
  readonly name: string
  readonly eventsPerSecond: number
  readonly ms: LateSpreads
  /** How many times as fast Shoal was in the same round; null: this is Shoal. */
  readonly shoalTimesAsFast: LateSpreads | null
}

const scratch = values.peers === undefined ? null : await openScratch(values.peers, values.scratch, [kafkaStreams], say)
const servers = await obtainAll({ report: say, java: 'usual' })
const folder = mkdtempSync(join(tmpdir(), 'shoal-latency-'))
/** By contender and rate, round by round. */
const late = new Map<string, Late[][]>()
try {
  const kafka = had(servers, 'kafka').address
  const world = { kafka, redis: had(servers, 'redis').address, folder }
  const contenders = [shoal(world), ...(scratch === null ? [] : await streams(world, scratch))]
  const identity = { clientId: 'latency', transactionalId: `latency-${process.pid}` }
  const warnings = { info: () => undefined, warn: say, error: say }
  const log = kafkaLog({ brokers: [kafka], ...identity, log: warnings, clock: systemClock })
  for (let round = 0; round <= rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const { name } = contender
      const found = await takeTurn(log, `latency-${round}-${i}`, contender, { rates, seconds })
      const told = found.map((histogram) => lateOf((percent) => histogram.percentile(percent)))
      if (round === 0) {
        say(`the broker has compiled what ${name} asks of it`)
        continue
      }
      if (!late.has(name))
        late.set(
          name,
          rates.map(() => []),
        )
      for (const [at, each] of told.entries()) late.get(name)![at].push(each)
      const p99s = told.map(({ p99 }, at) => `${p99} ms at ${rates[at].toLocaleString('en-US')}`)
      say(`round ${round}, ${name}: p99 ${p99s.join(', ')}`)
    }
  }
  await log.close()
} finally {
  rmSync(folder, { recursive: true })
  await stopAll(servers)
}
const measured = figures()
if (values.json)
  process.stdout.write(`${JSON.stringify({ machine: thisMachine(), seconds, rounds, measured }, null, 2)}\n`)
else report()
process.exit()

function lateOf(usAt: (percent: number) => number): Late {
  const ms = (percent: number) => Number((usAt(percent) / 1000).toFixed(1))
  return { p50: ms(percentiles.p50), p99: ms(percentiles.p99), p999: ms(percentiles.p999), most: ms(percentiles.most) }
}

function figures(): readonly LatencyFigures[] {
  const [own] = late.values()
  return rates.flatMap((eventsPerSecond, at) =>
    [...late].map(([name, byRate]) => {
      const theirs = byRate[at]
      const each = (of: (percentile: Percentile) => Spread): LateSpreads => ({
        ...{ p50: of('p50'), p99: of('p99'), p999: of('p999'), most: of('most') },
      })
      const ratios = (percentile: Percentile) =>
        theirs.map((late, round) => late[percentile] / own[at][round][percentile])
      return {
        name,
        eventsPerSecond,
        ms: each((percentile) =>
          spreadOf(
            theirs.map((late) => late[percentile]),
            1,
          ),
        ),
        shoalTimesAsFast: byRate === own ? null : each((percentile) => spreadOf(ratios(percentile), 2)),
      }
    }),
  )
}

function report(): void {
  const text = ({ median, least, most }: Spread) => `${median} (${least}–${most})`
  const rows = measured.map(({ name, eventsPerSecond, ms, shoalTimesAsFast }) => [
    eventsPerSecond.toLocaleString('en-US'),
    name,
    ...[ms.p50, ms.p99, ms.p999, ms.most].map(text),
    shoalTimesAsFast === null ? '' : text(shoalTimesAsFast.p99),
  ])
  const head = ['events a second', '', 'p50 ms', 'p99', 'p99.9', 'most', 'Shoal by p99: times as fast']
  process.stdout.write(`${thisMachine()}; ${rounds} rounds of ${seconds} s\n${textOf({ head, rows })}\n`)
}
