/**
 * Scoring over HTTP: single events at a fixed rate, an open loop in which what is late because the answer before it was late
 * counts from when it was due, beside a route that does nothing; and batches as fast as they are answered.
 * node load-tests/scoring.ts [--rate 1000] [--seconds 20] [--rounds 3] [--lines 5000] [--keep] [--json]
 *
 * Client, Shoal, broker and registry share the machine.
 */
import { Agent, request } from 'node:http'
import { parseArgs } from 'node:util'
import { createJsonEncoder } from '../src/generator/json.ts'
import { createTransactionStream } from '../src/generator/stream.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { freePort } from '../tools/stack/server.ts'
import { keepResults, markdownOf, textOf, thisMachine } from './results.ts'
import { type Spread, spreadOf } from './spread.ts'
import { committed, openPipeline } from './throughput/pipeline.ts'
import { until } from './until.ts'

const name = 'scoring'
/** A model has been born, and has learned, when these have been worked off. */
const warmEvents = 100_000
const pool = 20_000
const deadlineMs = 90_000
const batchesAtOnce = 2

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    lines: { type: 'string', default: '5000' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const lines = Number(values.lines)
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Latencies {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
}

const port = await freePort()
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const events = cardEvents(pool)
const pipeline = await openPipeline('cards', warmEvents, say)
const shoal = pipeline.start(name, 1, [], { port, requestsPerMinute: 10_000_000, maxBodyBytes: 67_108_864 })
const floor: Latencies[] = []
const single: Latencies[] = []
const batch: number[] = []
try {
  await until(async () => (await committed(pipeline.log, name)) >= warmEvents, 'the events before', deadlineMs)
  await until(async () => (await send('GET', '/health/ready')).status === 200, 'a process that is ready', deadlineMs)
  say('warming up')
  await latenciesAt((i) => send('POST', '/v1/score', events[i % pool], 'application/json'), 3)
  await batches(3)
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`)
    floor.push(await latenciesAt(() => send('GET', '/health/live'), seconds))
    single.push(await latenciesAt((i) => send('POST', '/v1/score', events[i % pool], 'application/json'), seconds))
    batch.push(await batches(seconds))
  }
} finally {
  agent.destroy()
  await shoal.stop()
  await pipeline.close()
}
await report()
process.exit()

function cardEvents(count: number): Buffer[] {
  const stream = createTransactionStream({ seed: 7, startMs: Date.now(), invalid: 0, flaws: [] })
  const encode = createJsonEncoder()
  const made: Buffer[] = []
  while (made.length < count) {
    const event = stream.next()
    const value = event.flaw === null ? encode(event) : null
    if (value !== null) made.push(Buffer.from(value))
  }
  return made
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

function send(method: string, path: string, body?: Buffer, type?: string): Promise<Answer> {
  const headers = body === undefined ? {} : { 'content-type': type, 'content-length': body.length }
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, agent, headers }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces) }))
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** What is due goes out, whatever has come of what went before. */
async function latenciesAt(ask: (i: number) => Promise<Answer>, forSeconds: number): Promise<Latencies> {
  const count = rate * forSeconds
  const took = new Float64Array(count)
  const asking: Promise<void>[] = []
  const beganMs = performance.now() + 50
  for (let sent = 0; sent < count; ) {
    const nowMs = performance.now()
    for (; sent < count && beganMs + (1000 * sent) / rate <= nowMs; sent++) {
      const i = sent
      asking.push(
        ask(i).then(({ status }) => {
          if (status !== 200) throw new Error(`an answer must be 200: got ${status}`)
          took[i] = performance.now() - beganMs - (1000 * i) / rate
        }),
      )
    }
    await systemClock.sleep(1)
  }
  await Promise.all(asking)
  const sorted = took.sort()
  const at = (share: number) => sorted[Math.min(count - 1, Math.floor(share * count))]
  return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999) }
}

/** Events a second, of batches that are sent one after the other by so many clients. */
async function batches(forSeconds: number): Promise<number> {
  const body = Buffer.from(Array.from({ length: lines }, (_, i) => `${events[i % pool]}\n`).join(''))
  const beganMs = performance.now()
  let scored = 0
  const client = async () => {
    while (performance.now() - beganMs < 1000 * forSeconds) {
      const { status, body: answer } = await send('POST', '/v1/score/batch', body, 'application/x-ndjson')
      let answered = 0
      for (let at = answer.indexOf(10); at >= 0; at = answer.indexOf(10, at + 1)) answered++
      if (status !== 200 || answered !== lines)
        throw new Error(`a batch of ${lines} got ${status} and ${answered} lines`)
      scored += answered
    }
  }
  await Promise.all(Array.from({ length: batchesAtOnce }, client))
  return (1000 * scored) / (performance.now() - beganMs)
}

async function report(): Promise<void> {
  const spread = (of: readonly Latencies[], key: keyof Latencies) =>
    spreadOf(
      of.map((each) => each[key]),
      2,
    )
  const ms = ({ median, least, most }: Spread) => `${median} ms (${least} to ${most})`
  const row = (what: string, of: readonly Latencies[]) => [
    what,
    ...(['p50Ms', 'p99Ms', 'p999Ms'] as const).map((key) => ms(spread(of, key))),
  ]
  const ratio = spreadOf(
    single.map(({ p99Ms }, i) => p99Ms / floor[i].p99Ms),
    2,
  )
  const perSecond = spreadOf(batch, 0)
  if (values.json) {
    const facts = { machine: thisMachine(), rate, seconds, rounds, lines, floor, single, batch }
    return void process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`)
  }
  const grid = {
    head: [`${rate.toLocaleString('en-US')} requests a second`, 'p50', 'p99', 'p99.9'],
    rows: [row('GET /health/live, which does nothing', floor), row('POST /v1/score', single)],
  }
  const told = [
    `p99 over that of a route that does nothing: ${ratio.median} (${ratio.least} to ${ratio.most})`,
    `POST /v1/score/batch, ${lines} lines each, ${batchesAtOnce} clients: ${perSecond.median.toLocaleString('en-US')} events a second (${perSecond.least.toLocaleString('en-US')} to ${perSecond.most.toLocaleString('en-US')})`,
  ]
  process.stdout.write(`${thisMachine()}\n${textOf(grid)}\n${told.join('\n')}\n`)
  if (values.keep) say(await keepResults(name, 'Scoring over HTTP', [markdownOf(grid), ...told]))
}
