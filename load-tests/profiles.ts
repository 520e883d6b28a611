/**
 * What entity profiles cost:
 *  - of an event that meets the profile of one entity with three features (ratio, zScore, sinceLast), by how many entities
 *    there are, in nanoseconds, and of writing the record of an entity that a transaction touched;
 *  - the memory of a million profiles;
 *  - reading a million profiles back from their topic, which is how long their partition waits in a cold takeover.
 *
 *     node load-tests/profiles.ts [profiles, 1,000,000] [--kafka]
 *
 * With --kafka the topic is on the stack's Kafka, else on the embedded log. About a minute.
 */
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

const chunk = 1000
const rounds = 200
const topic = `load-profiles-${process.pid}`
const limit = 10_000_000
const count = Number(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 1_000_000)
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

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]
const shown = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 })

function measureEvents(entities: number): void {
  const random = new Random(2)
  const profiles = empty()
  const events = new Events()
  const meeting: number[] = []
  const writing: number[] = []
  for (let i = 0; i < entities / chunk; i++) {
    events.next((met) => met % entities)
    events.meet(profiles)
  }
  profiles.settle()
  for (let round = 0; round < rounds; round++) {
    events.next(() => random.below(entities))
    const startedMs = performance.now()
    events.meet(profiles)
    const metMs = performance.now()
    const changes = { written: 0, evicted: 0 }
    records.append(new OutputColumns(), 0, profiles, 0, changes)
    writing.push(((performance.now() - metMs) * 1e6) / changes.written)
    meeting.push(((metMs - startedMs) * 1e6) / chunk)
  }
  const least = (values: readonly number[]) => shown(Math.min(...values))
  console.log(
    `${shown(entities).padStart(9)} entities: an event ${shown(median(meeting))} ns (least ${least(meeting)}), ` +
      `a record ${shown(median(writing))} ns (least ${least(writing)})`,
  )
}

async function measureRestoring(log: EventLog): Promise<void> {
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
  console.log(`${shown(profiles.size)} profiles take ${shown(profiles.bytes / profiles.size)} bytes each`)
  for (let round = 0; round < 3; round++) {
    const options = { log, topic, clock: systemClock, telemetry: quiet, health: new Health(quiet) }
    const startedMs = performance.now()
    const cpu = process.cpuUsage()
    const restored = await restoreProfiles(options, 0, empty, new AbortController().signal)
    const seconds = (performance.now() - startedMs) / 1000
    if (restored?.size !== profiles.size) throw new Error(`restored must be ${profiles.size}: ${restored?.size}`)
    const { user, system } = process.cpuUsage(cpu)
    console.log(`restored in ${seconds.toFixed(2)} s, ${((user + system) / 1e6).toFixed(2)} s of processor`)
  }
}

for (const entities of [1000, 100_000, 1_000_000]) measureEvents(entities)
if (process.argv.includes('--kafka')) {
  const servers = await obtainAll({ report: say })
  try {
    const kafka = had(servers, 'kafka')
    const identity = { clientId: topic, transactionalId: topic }
    const log = kafkaLog({ brokers: [kafka.address], ...identity, log: quiet.log, clock: systemClock })
    await measureRestoring(log)
    await log.close()
  } finally {
    await stopAll(servers)
  }
} else await measureRestoring(new MemoryCluster({ clock: systemClock }).client())
process.exit()
