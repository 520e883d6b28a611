/**
 * How long a start takes that finds much to read:
 *  - a process with 1,000 versions in the topic of models: until its first assignment, and until its first version,
 *    with a snapshot in Redis and without;
 *  - 100,000 keys of a compacted topic, read back into a map: what restoring state from a changelog costs.
 * node load-tests/cold-start.ts [rounds, 5] [versions, 1,000] [keys, 100,000] [--json]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaLog } from '../src/adapters/kafka/log.ts'
import { systemClock } from '../src/runtime/clock.ts'
import type { EventLog } from '../src/runtime/ports.ts'
import { keyAt, valueAt } from '../src/stages/records.ts'
import { had, obtainAll, stopAll } from '../tools/stack/stack.ts'
import { thisMachine } from './results.ts'
import { startShoal } from './shoal-process.ts'
import { type Spread, spreadOf } from './spread.ts'
import { until } from './until.ts'

const deadlineMs = 180_000
const partitions = 4
const eventsPerVersion = 100
/** Written for each start, so that it has something to score and to learn. */
const eventsPerRound = 2_000
const leastValueBytes = 100
const mostValueBytes = 200

const numbers = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const [rounds, versions, keys] = [5, 1_000, 100_000].map((usual, i) => Number(numbers[i] ?? usual))
const asJson = process.argv.includes('--json')
const say = (line: string) => process.stderr.write(`${line}\n`)
const run = `cold-${process.pid}`
const input = `${run}-in`

const servers = await obtainAll({ report: say, java: 'usual' })
const folder = mkdtempSync(join(tmpdir(), 'shoal-cold-'))
try {
  const log = kafkaLog({
    brokers: [had(servers, 'kafka').address],
    clientId: run,
    transactionalId: run,
    log: { info: () => undefined, warn: say, error: say },
    clock: systemClock,
  })
  const starts = await measureStarts(log)
  const restored = await measureRestoring(log)
  await log.close()
  print(starts, restored)
} finally {
  rmSync(folder, { recursive: true })
  await stopAll(servers)
}
process.exit()

interface Start {
  readonly withRedis: boolean
  readonly assignmentSeconds: number
  readonly versionSeconds: number
}

interface Starts {
  readonly versions: number
  readonly modelsMegabytes: number
  readonly historySeconds: readonly number[]
  readonly starts: readonly Start[]
}

async function measureStarts(log: EventLog): Promise<Starts> {
  const [plain, snapshots] = [false, true].map((withRedis) => configuration(withRedis))
  const models = { topic: `${run}.models`, partition: 0 }
  const first = ['--partitions', String(partitions), '--count', String(versions * eventsPerVersion)]
  await startShoal(['produce', '-c', snapshots, ...first]).ended
  const born = startShoal(['run', '-c', snapshots])
  await until(async () => (await end(log, models)) >= versions, `${versions} versions`, deadlineMs)
  await born.stop()
  say(`${await end(log, models)} records in ${models.topic}`)

  const starts: Start[] = []
  for (let round = 0; round < rounds; round++) {
    for (const withRedis of [true, false]) {
      await startShoal(['produce', '-c', snapshots, '--count', String(eventsPerRound), '--seed', String(2 + round)])
        .ended
      const before = { assigned: await assigned(log), versions: await end(log, models) }
      const startedMs = performance.now()
      const since = () => (performance.now() - startedMs) / 1000
      const process = startShoal(['run', '-c', withRedis ? snapshots : plain])
      await until(async () => (await assigned(log)) > before.assigned, 'the first assignment', deadlineMs)
      const assignmentSeconds = since()
      await until(async () => (await end(log, models)) > before.versions, 'the first version', deadlineMs)
      const versionSeconds = since()
      await until(
        async () => (await assigned(log)) >= before.assigned + 0.98 * eventsPerRound,
        'all assignments',
        deadlineMs,
      )
      await process.stop()
      starts.push({ withRedis, assignmentSeconds, versionSeconds })
    }
  }
  const history: { readonly seconds: number; readonly bytes: number }[] = []
  for (let round = 0; round < rounds; round++) history.push(await restore(log, models.topic))
  return {
    versions: await end(log, models),
    modelsMegabytes: history[0].bytes / 1e6,
    historySeconds: history.map(({ seconds }) => seconds),
    starts,
  }
}

function configuration(withRedis: boolean): string {
  const path = join(folder, `${withRedis ? 'snapshots' : 'plain'}.yaml`)
  const settings = {
    name: run,
    input: { topic: input },
    models: { publishEveryMs: 10, publishEveryEvents: 1 },
    worker: { maxEventsPerTransaction: eventsPerVersion },
    http: { port: null },
    log: { level: 'warn' },
    kafka: { brokers: [had(servers, 'kafka').address] },
    registry: { url: had(servers, 'registry').address },
    ...(withRedis ? { redis: { url: had(servers, 'redis').address } } : { redis: null }),
  }
  writeFileSync(path, JSON.stringify(settings))
  return path
}

async function end(log: EventLog, at: { readonly topic: string; readonly partition: number }): Promise<number> {
  if ((await log.describe(at.topic)) === null) return 0
  return (await log.bounds(at)).end
}

/** Offsets of committed assignments: markers of transactions count too, but only once there are records before them. */
async function assigned(log: EventLog): Promise<number> {
  const ends = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => end(log, { topic: `${run}.assignments`, partition })),
  )
  return ends.reduce((sum, offset) => sum + offset, 0)
}

interface Restored {
  readonly seconds: number
  readonly records: number
  readonly bytes: number
  readonly heapMegabytes: number
}

async function measureRestoring(log: EventLog): Promise<readonly Restored[]> {
  const topic = `${run}-changelog`
  await log.prepare([{ topic, partitions: 1, cleanup: 'compact', owner: 'shoal' }], true)
  const timestamp = systemClock.date()
  const perRequest = 10_000
  for (let from = 0; from < keys; from += perRequest) {
    await log.publish((outputs) => {
      for (let i = from; i < Math.min(keys, from + perRequest); i++) {
        const value = Buffer.alloc(leastValueBytes + (i % (mostValueBytes - leastValueBytes + 1)), i)
        outputs.append({
          topic,
          partition: 0,
          key: Buffer.from(`card-${String(i).padStart(9, '0')}`),
          value,
          timestamp,
        })
      }
    })
  }
  const restored: Restored[] = []
  for (let round = 0; round < rounds; round++) restored.push(await restore(log, topic))
  return restored
}

/** A changelog into a map, as a process does that takes state over. */
async function restore(log: EventLog, topic: string): Promise<Restored> {
  globalThis.gc?.()
  const heapBefore = process.memoryUsage()
  const startedMs = performance.now()
  const bounds = await log.bounds({ topic, partition: 0 })
  const state = new Map<string, Uint8Array>()
  let [records, bytes] = [0, 0]
  const stop = new AbortController()
  for await (const batch of log.follow(topic, new Map([[0, bounds.start]]), stop.signal)) {
    for (let i = 0; i < batch.count; i++) {
      const key = keyAt(batch, i)?.toString('latin1') ?? ''
      const value = valueAt(batch, i)
      if (value === null) state.delete(key)
      else state.set(key, Uint8Array.from(value))
      bytes += value?.length ?? 0
    }
    records += batch.count
    if (batch.nextOffset >= bounds.end) break
  }
  stop.abort()
  const seconds = (performance.now() - startedMs) / 1000
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const grown = heapUsed + arrayBuffers - heapBefore.heapUsed - heapBefore.arrayBuffers
  return { seconds, records, bytes, heapMegabytes: grown / 1e6 }
}

export interface StartFigures {
  readonly assignmentSeconds: Spread
  readonly versionSeconds: Spread
}

/** What it prints as JSON, beside the machine. */
export interface ColdStart {
  readonly rounds: number
  readonly modelsRecords: number
  readonly modelsMegabytes: number
  readonly historySeconds: Spread
  readonly withSnapshot: StartFigures
  readonly withoutRedis: StartFigures
  /** Of the starts with a snapshot, how many times as fast the first assignment came. */
  readonly timesAsFast: Spread
  readonly changelog: Readonly<Record<'records' | 'megabytes', number>> &
    Readonly<Record<'seconds' | 'recordsPerSecond' | 'megabytesPerSecond' | 'grownMegabytes', Spread>>
}

function print({ versions, modelsMegabytes, historySeconds, starts }: Starts, restored: readonly Restored[]): void {
  const of = (withRedis: boolean, figure: (start: Start) => number) =>
    spreadOf(starts.filter((start) => start.withRedis === withRedis).map(figure), 2)
  const secondsOf = (withRedis: boolean) =>
    starts.filter((start) => start.withRedis === withRedis).map(({ assignmentSeconds }) => assignmentSeconds)
  const plain = secondsOf(false)
  const ratios = secondsOf(true).map((seconds, i) => plain[i] / seconds)
  const start = (withRedis: boolean): StartFigures => ({
    assignmentSeconds: of(withRedis, ({ assignmentSeconds }) => assignmentSeconds),
    versionSeconds: of(withRedis, ({ versionSeconds }) => versionSeconds),
  })
  const report: ColdStart & { readonly machine: string } = {
    machine: thisMachine(),
    rounds,
    modelsRecords: versions,
    modelsMegabytes: Number(modelsMegabytes.toFixed(1)),
    historySeconds: spreadOf(historySeconds, 2),
    withSnapshot: start(true),
    withoutRedis: start(false),
    timesAsFast: spreadOf(ratios, 2),
    changelog: {
      records: restored[0].records,
      megabytes: Number((restored[0].bytes / 1e6).toFixed(1)),
      seconds: spreadOf(
        restored.map(({ seconds }) => seconds),
        2,
      ),
      recordsPerSecond: spreadOf(
        restored.map(({ records, seconds }) => records / seconds),
        0,
      ),
      megabytesPerSecond: spreadOf(
        restored.map(({ bytes, seconds }) => bytes / 1e6 / seconds),
        1,
      ),
      grownMegabytes: spreadOf(
        restored.map(({ heapMegabytes }) => heapMegabytes),
        0,
      ),
    },
  }
  if (asJson) return void process.stdout.write(`${JSON.stringify(report)}\n`)
  const shown = ({ median, least, most }: Spread) =>
    `${median.toLocaleString('en-US')} (${least.toLocaleString('en-US')}–${most.toLocaleString('en-US')})`
  const { withSnapshot, withoutRedis, changelog } = report
  const line = (what: string, { assignmentSeconds, versionSeconds }: typeof withSnapshot) =>
    `${what}: first assignment after ${shown(assignmentSeconds)} s, first version after ${shown(versionSeconds)} s\n`
  process.stdout.write(
    `${report.machine}; ${rounds} rounds, broker beside it\n` +
      `a start with ${versions.toLocaleString('en-US')} records (${report.modelsMegabytes} MB) in models, process and all\n` +
      line('  with a snapshot in Redis', withSnapshot) +
      line('  without Redis', withoutRedis) +
      `  that whole topic read, as the trainer does beside its work: ${shown(report.historySeconds)} s\n` +
      `a changelog of ${changelog.records.toLocaleString('en-US')} keys, ${changelog.megabytes} MB, into a map: ` +
      `${shown(changelog.seconds)} s, ${shown(changelog.recordsPerSecond)} records/s, ` +
      `${shown(changelog.megabytesPerSecond)} MB/s\n`,
  )
}
