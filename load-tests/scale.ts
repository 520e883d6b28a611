/**
 * What a change of the processes, of the release or of the input's partitions does to a stream under load: for how long each
 * partition pauses, how far work falls behind, and whether anything is lost, twice or out of order.
 * node load-tests/scale.ts [--rate 2000] [--replicas 1,2,4,8,4,1] [--only replicas,release,partitions] [--steady 10s] [--keep] [--json]
 *
 * Three pipelines one after the other: replicas come and go on 16 partitions; an older release (from the history) is replaced by
 * this one and this one by the older, two processes at a time; an input of 8 partitions gets 8 more. It is the fault suite's rig
 * (test/faults/rig.ts) without a wire: its generator's events with the truth about each, its judge of every outcome and every
 * version, its checks at the end. Any finding ends the run. All processes share this machine.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaLog } from '../src/adapters/kafka/log.ts'
import { durationMs } from '../src/cli/options.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { addPartitions } from '../test/faults/more-partitions.ts'
import { unpackOlderRelease } from '../test/faults/older-release.ts'
import { replaceAll } from '../test/faults/release-change.ts'
import { openRig, type Rig } from '../test/faults/rig.ts'
import { ledgerVariable } from '../tools/fault-ledger.ts'
import { had, obtainAll, stopAll } from '../tools/stack/stack.ts'
import { type Change, ChangeWatch } from './open-loop/change-watch.ts'
import { type Grid, keepRun, markdownOf, textOf, thisMachine } from './results.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    replicas: { type: 'string', default: '1,2,4,8,4,1' },
    only: { type: 'string', default: 'replicas,release,partitions' },
    steady: { type: 'string', default: '10s' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const steadyMs = durationMs(values.steady)
const counts = values.replicas.split(',').map(Number)
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Chapter {
  readonly name: string
  readonly events: number
  readonly versions: number
  readonly changes: readonly Change[]
}

const ledger = await mkdtemp(join(tmpdir(), 'shoal-scale-'))
process.env[ledgerVariable] = ledger
const servers = await obtainAll({ report: say, java: 'usual' })
const kafka = had(servers, 'kafka').address
const chapters: Chapter[] = []
const pipelines: Readonly<Record<string, () => Promise<Chapter | null>>> = {
  replicas: () => chapter('16 partitions', 16, replicasComeAndGo),
  release: () => chapter('16 partitions, an older release and this one', 16, releasesChange),
  partitions: () => chapter('8 partitions that become 16', 8, partitionsCome),
}
try {
  for (const only of values.only.split(',')) {
    const open = pipelines[only]
    if (open === undefined) throw new Error(`--only must be some of ${Object.keys(pipelines).join(', ')}: got ${only}`)
    const found = await open()
    if (found !== null) chapters.push(found)
  }
} finally {
  await stopAll(servers)
  await rm(ledger, { recursive: true })
}
await report()
process.exit()

type Watched = (rig: Rig, watch: ChangeWatch) => Promise<void>

/** A pipeline of its own; null: what it needs is not there. */
async function chapter(name: string, partitions: number, work: Watched): Promise<Chapter> {
  say(name)
  const addresses = { registry: had(servers, 'registry').address, redis: had(servers, 'redis').address }
  const rig = await openRig(name, { name: 'Kafka', address: kafka, ends: [] }, addresses, {
    partitions,
    eventsPerSecond: rate,
  })
  const { clientId, log } = { clientId: 'scale', log: { info: () => undefined, warn: say, error: say } }
  const eyes = kafkaLog({
    brokers: [kafka],
    clientId,
    transactionalId: `scale-${process.pid}`,
    log,
    clock: systemClock,
  })
  const watch = new ChangeWatch(eyes, rig, say)
  try {
    await work(rig, watch)
    await watch.close()
    await rig.end()
    return { name, events: rig.verifier.counts.events, versions: rig.verifier.model.compared, changes: watch.changes }
  } finally {
    await watch.close()
    await eyes.close()
    await rig.close()
  }
}

async function replicasComeAndGo(rig: Rig, watch: ChangeWatch): Promise<void> {
  await rig.crew.fill(counts[0])
  await rig.recovered(Date.now(), 'the start')
  await watch.begin(steadyMs)
  for (const [i, count] of counts.entries()) {
    if (i === 0) continue
    await watch.over(`${counts[i - 1]} → ${count} processes`, () => becomeSoMany(rig, count))
  }
}

async function becomeSoMany(rig: Rig, count: number): Promise<void> {
  const { crew } = rig
  const leaving = crew.live.slice(0, Math.max(0, crew.live.length - count))
  const change = async () => {
    for (const process of leaving) crew.ask(process)
    await crew.fill(count)
    return undefined
  }
  await rig.inject(`${crew.live.length} → ${count} processes`, change, leaving.length > 0 ? 'handover' : null)
}

async function releasesChange(rig: Rig, watch: ChangeWatch): Promise<void> {
  const older = await unpackOlderRelease(rig.folder)
  if (older === null) throw new Error('an older release must be in the history: this checkout has none')
  for (let i = 0; i < 2; i++) await rig.crew.start({ file: older })
  await rig.crew.settled()
  await rig.recovered(Date.now(), 'the start')
  await watch.begin(steadyMs)
  await watch.over('the older release → this one', () => replaceAll(rig, 'this release', {}, 'SIGTERM'))
  await watch.over('this release → the older one', () =>
    replaceAll(rig, 'the older release', { file: older }, 'SIGTERM'),
  )
}

async function partitionsCome(rig: Rig, watch: ChangeWatch): Promise<void> {
  await rig.crew.fill(2)
  await rig.recovered(Date.now(), 'the start')
  await watch.begin(steadyMs)
  await watch.over('8 → 16 partitions', () => addPartitions(rig, 16))
}

async function report(): Promise<void> {
  const ms = (value: number) => value.toFixed(0)
  const grid: Grid = {
    head: [
      '',
      'seconds',
      'pause of a partition, ms: median',
      'longest',
      'oldest event, ms: median',
      'most',
      'lag, most',
    ],
    rows: chapters.flatMap(({ changes }) =>
      changes.map(({ name, seconds, pauseMs, ageMs, mostLag }) => [
        name,
        seconds.toFixed(1),
        ms(pauseMs.median),
        ms(pauseMs.most),
        ms(ageMs.median),
        ms(ageMs.most),
        mostLag.toLocaleString('en-US'),
      ]),
    ),
  }
  const lines = chapters.map(
    ({ name, events, versions }) =>
      `${name}: ${events.toLocaleString('en-US')} events judged, none lost, twice, out of order or wrong; ${versions} versions are the fold of the updates, bit for bit.`,
  )
  const told =
    `${rate.toLocaleString('en-US')} events a second. A pause is the longest time without an assignment of a partition in the change, up to ` +
    `when events written after it had their outcomes; an event's age is from when it was written to when its assignment was seen.`
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), rate, chapters }, null, 2)}\n`)
  else process.stdout.write(`${thisMachine()}\n${textOf(grid)}\n${told}\n${lines.join('\n')}\n`)
  if (!values.keep) return
  const parts = [told, markdownOf(grid), lines.join('\n\n')]
  say(
    `kept in ${await keepRun('scale', 'Processes, releases and partitions that change under load', { parts, pictures: [], figures: { rate, chapters } })}`,
  )
}
