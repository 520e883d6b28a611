/**
 * What entity profiles cost:
 *  - of an event that meets the profile of one entity with three features (ratio, zScore, sinceLast), by how many entities
 *    there are, in nanoseconds, and of writing the record of an entity that a transaction touched;
 *  - the memory of a million profiles;
 *  - reading a million profiles back from their topic, which is how long their partition waits in a cold takeover.
 *
 *     node load-tests/profiles.ts [--profiles 1000000] [--rounds 200] [--kafka] [--json]
 *
 * With --kafka the topic is on the stack's Kafka, else on the embedded log. `--profiles 0`: nothing is read back. About a minute.
 */
import { parseArgs } from 'node:util'
import { kafkaLog } from '../src/adapters/kafka/log.ts'
import { MemoryCluster } from '../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../src/adapters/memory/outputs.ts'
import { planFeatures } from '../src/core/features/feature-plan.ts'
import type { FeatureSpec, ProfileKind } from '../src/core/features/features.ts'
import { FieldColumns, FieldKind } from '../src/core/fields/fields.ts'
import { Random } from '../src/core/kmeans/random.ts'
import { Profiles } from '../src/core/profiles/profiles.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { Health } from '../src/runtime/health.ts'
import type { EventLog, Telemetry } from '../src/runtime/ports.ts'
import { restoreProfiles } from '../src/runtime/profile-restore.ts'
import { noSpan } from '../src/runtime/span.ts'
import { ProfileRecords } from '../src/stages/profile-records.ts'
import { had, obtainAll, stopAll } from '../tools/stack/stack.ts'
import { textOf, thisMachine } from './results.ts'
import { type Spread, spreadOf } from './spread.ts'

const { values } = parseArgs({
  options: {
    profiles: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '200' },
    kafka: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const [count, rounds] = [values.profiles, values.rounds].map(Number)
const chunk = 1000
const entityCounts = [1000, 100_000, 1_000_000]
const restores = 3
const topic = `load-profiles-${process.pid}`
const limit = 10_000_000
const say = (line: string) => process.stderr.write(`${line}\n`)
const quiet: Telemetry = {
  log: { info: () => undefined, warn: say, error: say },
  ...{ count: () => undefined, observe: () => undefined, gauge: () => undefined, close: () => Promise.resolve() },
  startSpan: () => noSpan,
}

const feature = (as: ProfileKind): FeatureSpec => {
  const of = as === 'sinceLast' ? null : 'amount'
  const position = { latitude: 'latitude', longitude: 'longitude' }
  const profile = { entity: 'customer', as, of, ...position, halfLifeMs: 2_592_000_000 }
  return { name: as, field: 'amount', profile, transform: { kind: 'none' }, weight: 1, missing: 'mean' }
}
const plan = planFeatures({
  ...{ id: 'id', time: null, timeUnitMs: 1 },
  features: [feature('ratio'), feature('zScore'), feature('sinceLast')],
})
const kept = plan.profiles!
const records = new ProfileRecords(kept, topic, 1)
const empty = () => new Profiles(kept, { limit, key: null })
const slotOf = (path: string) => plan.fields.findIndex(({ path: at }) => at === path)
const [customer, amount] = [slotOf('customer'), slotOf('amount')]

/** Events of customers that are drawn, as a projection leaves them: texts of twelve bytes and amounts. */
class Events {
  readonly fields = new FieldColumns(chunk, plan.slots)
  readonly bytes = Buffer.alloc(chunk * 12)
  readonly offset = new Float64Array(chunk)
  readonly timestamp = new Float64Array(chunk)
  private readonly random = new Random(1)
  private readonly none = new Int32Array(chunk)
  private met = 0

  /** A thousand more; `pick` says whose. */
  next(pick: (i: number) => number): void {
    const { fields, bytes, offset, timestamp, random } = this
    for (let e = 0; e < chunk; e++) {
      const at = e * fields.fields
      bytes.write(String(pick(this.met)).padStart(12, '0'), 12 * e, 'latin1')
      fields.kind[at + customer] = FieldKind.text
      fields.start[at + customer] = 12 * e
      fields.length[at + customer] = 12
      fields.kind[at + amount] = FieldKind.number
      fields.number[at + amount] = 50 + 10 * random.gaussian()
      offset[e] = this.met
      timestamp[e] = 1_700_000_000_000 + 50 * this.met++
    }
  }

  meet(profiles: Profiles): void {
    const { fields, bytes, offset, timestamp, none } = this
    const source = { from: 0, bytes, offset, timestamp, keyStart: none, keyLength: none }
    profiles.meet(fields, plan.fields.length, bytes, chunk, null, source)
  }
}

/** Nanoseconds. */
export interface EntityFigures {
  readonly entities: number
  readonly nsOfEvent: Spread
  readonly nsOfRecord: Spread
  /** Of an event, how many times as fast as with the fewest entities in the same round. */
  readonly timesAsFast: Spread
}

interface Restored {
  readonly profiles: number
  readonly bytesEach: number
  readonly seconds: Spread
  readonly cpuSeconds: Spread
}

/** Profiles of so many entities, and what an event of one of them took in each round. */
class Crowd {
  readonly nsOfEvent: number[] = []
  readonly nsOfRecord: number[] = []
  private readonly profiles = empty()
  private readonly events = new Events()
  private readonly random = new Random(2)
  readonly entities: number

  constructor(entities: number) {
    this.entities = entities
    for (let i = 0; i < entities / chunk; i++) {
      this.events.next((met) => met % entities)
      this.events.meet(this.profiles)
    }
    this.profiles.settle()
  }

  measure(): void {
    const { events, profiles, random, entities } = this
    events.next(() => random.below(entities))
    const startedMs = performance.now()
    events.meet(profiles)
    const metMs = performance.now()
    const changes = { written: 0, evicted: 0 }
    records.append(new OutputColumns(), 0, profiles, 0, changes)
    this.nsOfRecord.push(((performance.now() - metMs) * 1e6) / changes.written)
    this.nsOfEvent.push(((metMs - startedMs) * 1e6) / chunk)
  }
}

function measureEvents(): readonly EntityFigures[] {
  const crowds = entityCounts.map((count) => new Crowd(count))
  for (let round = 0; round < rounds; round++) for (const crowd of crowds) crowd.measure()
  const [fewest] = crowds
  return crowds.map(({ entities, nsOfEvent, nsOfRecord }) => ({
    entities,
    nsOfEvent: spreadOf(nsOfEvent, 0),
    nsOfRecord: spreadOf(nsOfRecord, 0),
    timesAsFast: spreadOf(
      nsOfEvent.map((ns, round) => fewest.nsOfEvent[round] / ns),
      2,
    ),
  }))
}

async function measureRestoring(log: EventLog): Promise<Restored> {
  const ours = { topic, partitions: 1, cleanup: 'compact', owner: 'shoal', maxMessageBytes: 16 * 1024 * 1024 } as const
  await log.prepare([ours], true)
  const profiles = empty()
  const events = new Events()
  for (let made = 0; made < count; ) {
    for (let i = 0; i < 20 && made < count; i++, made += chunk) {
      events.next((met) => met)
      events.meet(profiles)
    }
    await log.publish((outputs) => records.append(outputs, 0, profiles, 0, { written: 0, evicted: 0 }))
  }
  const [seconds, cpuSeconds]: number[][] = [[], []]
  for (let round = 0; round < restores; round++) {
    const options = { log, topic, clock: systemClock, telemetry: quiet, health: new Health(quiet) }
    const startedMs = performance.now()
    const cpu = process.cpuUsage()
    const restored = await restoreProfiles(options, 0, empty, new AbortController().signal)
    seconds.push((performance.now() - startedMs) / 1000)
    if (restored?.size !== profiles.size) throw new Error(`restored must be ${profiles.size}: ${restored?.size}`)
    const { user, system } = process.cpuUsage(cpu)
    cpuSeconds.push((user + system) / 1e6)
  }
  return {
    profiles: profiles.size,
    bytesEach: Math.round(profiles.bytes / profiles.size),
    seconds: spreadOf(seconds, 2),
    cpuSeconds: spreadOf(cpuSeconds, 2),
  }
}

async function restoredFrom(place: 'Kafka' | 'memory'): Promise<Restored> {
  if (place === 'memory') return measureRestoring(new MemoryCluster({ clock: systemClock }).client())
  const servers = await obtainAll({ report: say, java: 'usual' })
  try {
    const kafka = had(servers, 'kafka')
    const identity = { clientId: topic, transactionalId: topic }
    const log = kafkaLog({ brokers: [kafka.address], ...identity, log: quiet.log, clock: systemClock })
    const restored = await measureRestoring(log)
    await log.close()
    return restored
  } finally {
    await stopAll(servers)
  }
}

const entities = measureEvents()
const restored = count === 0 ? null : await restoredFrom(values.kafka ? 'Kafka' : 'memory')
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), rounds, entities, restored })}\n`)
else report()
process.exit()

function report(): void {
  const shown = (value: number) => value.toLocaleString('en-US')
  const text = ({ median, least, most }: Spread) => `${shown(median)} (${shown(least)} to ${shown(most)})`
  const rows = entities.map(({ entities: count, nsOfEvent, nsOfRecord }) => [
    shown(count),
    text(nsOfEvent),
    text(nsOfRecord),
  ])
  process.stdout.write(`${thisMachine()}\n${textOf({ head: ['entities', 'ns an event', 'ns a record'], rows })}\n`)
  if (restored === null) return
  const { profiles, bytesEach, seconds, cpuSeconds } = restored
  process.stdout.write(
    `${shown(profiles)} profiles take ${bytesEach} bytes each; restored in ${text(seconds)} s, ${text(cpuSeconds)} s of processor\n`,
  )
}
