/**
 * The whole pipeline working off a backlog on a real Kafka beside it: events a second and CPU per event, with one and
 * with two processes, in turn in one run.
 * node load-tests/backlog.ts [--events 1000000] [--rounds 3] [--job cards|groups] [--json]
 *
 * The rate is that of committed input positions, from 20 % of the events to the last: starting up is not in it.
 * `cards`: the generator's transactions, which change on the way, with the default features. `groups`: the job of
 * load-tests/throughput, in which nothing changes: 12 fields, 8 columns, 16 clusters.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaLog } from '../src/adapters/kafka/log.ts'
import { systemClock } from '../src/runtime/clock.ts'
import type { EventLog } from '../src/runtime/ports.ts'
import { had, obtainAll, stopAll } from '../tools/stack/stack.ts'
import { startShoal } from './shoal-process.ts'
import { spreadOf } from './spread.ts'
import { jobClusters, jobFeatures, publishJob } from './throughput/job.ts'

const input = 'backlog'
const partitions = 4
const deadlineMs = 180_000
const ticksPerSecond = 100

interface Run {
  readonly processes: number
  readonly eventsPerSecond: number
  readonly cpuUsPerEvent: number
  readonly brokerUsPerEvent: number
}

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
if (values.job !== 'cards' && values.job !== 'groups')
  throw new Error(`--job must be cards or groups: got ${values.job}`)
const isOfGroups = values.job === 'groups'
const say = (line: string) => process.stderr.write(`${line}\n`)

const servers = await obtainAll({ report: say })
const folder = mkdtempSync(join(tmpdir(), 'shoal-backlog-'))
try {
  const kafka = had(servers, 'kafka')
  const config = (name: string) => {
    const path = join(folder, `${name}.yaml`)
    const job = isOfGroups ? { features: jobFeatures, clusters: { k: jobClusters } } : {}
    const from = { topic: input, ...(isOfGroups ? { time: null } : {}) }
    const settings = { name, input: from, http: { port: null }, log: { level: 'warn' }, ...job }
    const connections = {
      kafka: { brokers: [kafka.address] },
      registry: { url: had(servers, 'registry').address },
      redis: { url: had(servers, 'redis').address },
    }
    writeFileSync(path, JSON.stringify({ ...settings, ...connections }))
    return path
  }
  const log = kafkaLog({
    brokers: [kafka.address],
    clientId: 'backlog',
    transactionalId: `backlog-${process.pid}`,
    log: { info: () => undefined, warn: say, error: say },
    clock: systemClock,
  })
  if (isOfGroups) await publishJob(log, had(servers, 'registry').address, { topic: input, partitions, events })
  else {
    const count = ['--count', String(events), '--partitions', String(partitions)]
    await startShoal('produce', '-c', config('feed'), ...count).ended
  }
  const runs: Run[] = []
  for (let round = 0; round < rounds; round++) {
    for (const processes of [1, 2]) {
      const name = `backlog-${round}-${processes}`
      const run = await measure(log, name, config(name), processes, kafka.server?.pid ?? null)
      say(
        `round ${round + 1}, ${processes} process(es): ${Math.round(run.eventsPerSecond).toLocaleString('en-US')} events/s`,
      )
      runs.push(run)
    }
  }
  await log.close()
  print(runs)
} finally {
  rmSync(folder, { recursive: true })
  await stopAll(servers)
}
process.exit()

async function measure(
  log: EventLog,
  name: string,
  path: string,
  processes: number,
  broker: number | null,
): Promise<Run> {
  const end = await ends(log)
  const total = [...end.values()].reduce((sum, offset) => sum + offset, 0)
  const running = startShoal('run', '-c', path, '--workers', String(processes))
  let from: { at: number; done: number; cpu: number; broker: number } | null = null
  const endMs = performance.now() + deadlineMs
  try {
    for (;;) {
      const done = [...(await log.committed(name, input))].reduce((sum, [, offset]) => sum + offset, 0)
      const now = { at: performance.now(), done, cpu: treeCpu(running.pid), broker: cpuOf(broker) }
      if (from === null && done >= 0.2 * total) from = now
      if (done >= total && from !== null) return runOf(processes, from, now)
      if (performance.now() > endMs) throw new Error(`${name} has not worked off the backlog within ${deadlineMs} ms`)
      await systemClock.sleep(20)
    }
  } finally {
    await running.stop()
  }
}

type Reading = { readonly at: number; readonly done: number; readonly cpu: number; readonly broker: number }

function runOf(processes: number, from: Reading, to: Reading): Run {
  const done = to.done - from.done
  return {
    processes,
    eventsPerSecond: (1000 * done) / (to.at - from.at),
    cpuUsPerEvent: (1e6 * (to.cpu - from.cpu)) / done,
    brokerUsPerEvent: (1e6 * (to.broker - from.broker)) / done,
  }
}

async function ends(log: EventLog): Promise<Map<number, number>> {
  const found = new Map<number, number>()
  for (let partition = 0; partition < partitions; partition++) {
    found.set(partition, (await log.bounds({ topic: input, partition })).end)
  }
  return found
}

/** CPU seconds of a process and its children. */
function treeCpu(pid: number): number {
  const children = readText(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
  return cpuOf(pid) + children.reduce((sum, child) => sum + treeCpu(child), 0)
}

/** CPU seconds of one process; 0 where that cannot be read. */
function cpuOf(pid: number | null): number {
  const fields = pid === null ? [] : (readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [])
  return fields.length > 12 ? (Number(fields[11]) + Number(fields[12])) / ticksPerSecond : 0
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // The process has ended, or this is no Linux.
  }
}

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
  const machine = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`
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
