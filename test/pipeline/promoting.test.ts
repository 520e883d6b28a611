/** What a promotion is refused for, and what is taken from a deployment that is gone. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditOf } from '../../src/runtime/audit/audit-of.ts'
import { newestAudit } from '../../src/runtime/audit/audit-reading.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Health } from '../../src/runtime/health.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import { ModelFollower } from '../../src/runtime/model-follower.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { Primaries } from '../../src/runtime/primary/primaries.ts'
import { type Promoting, type PromotionOrder, promote, readiness } from '../../src/runtime/primary/promoting.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { auditView } from '../../src/runtime/views/audit-view.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { assigned, blue, greenSettings, handOvers } from './deployments.ts'
import { d, type RunningService, readTopic, schemaText, silentTelemetry, until } from './harness.ts'
import { Processes } from './processes.ts'

const partitions = 2
const rows = clusteredRows(20_000, d, 4, 11)
const green = greenSettings()
let processes: Processes
let log: EventLog
let written: number
let over: AbortController
let following: Promise<void>[]

beforeEach(async () => {
  processes = new Processes()
  log = processes.log
  written = 0
  over = new AbortController()
  following = []
  await log.prepare([{ topic: 'events', partitions, cleanup: 'delete', owner: 'shoal' }], true)
})
afterEach(async () => {
  over.abort()
  await Promise.all([...following, processes.stopAll()])
})

async function write(count: number): Promise<void> {
  await log.publish((outputs) => {
    for (let i = written; i < written + count; i++) {
      const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
      const value = Buffer.from(`{"id":"e${i}",${fields}}`)
      outputs.append({ topic: 'events', partition: i % partitions, key: null, value, timestamp: 1_000_000 + i })
    }
  })
  written += count
}

async function untilDone(name: string): Promise<void> {
  await until(
    async () => [...(await lagOf(log, name, 'events')).values()].every((lag) => lag === 0),
    () => `${name} to have done all: ${processes.line()}`,
  )
}

/** What a tool has that promotes: followers of its own, until the test is over. */
function promoting(settings: ServiceSettings): Promoting {
  const { name, plan, fingerprint, topics, shadow } = settings
  const telemetry = silentTelemetry()
  const health = new Health(telemetry)
  const models = { name, plan, fingerprint, topic: topics.models, log, snapshots: null }
  const follower = new ModelFollower({ ...models, telemetry, health })
  const primaries = new Primaries({ topic: topics.primary, first: shadow.of ?? name, log, telemetry, health })
  following.push(follower.run(over.signal), primaries.run(over.signal))
  const { registry } = processes
  const parts = { log, registry, schema: schemaText, clock: systemClock, telemetry }
  return { settings, follower, primaries, audit: auditOf(settings, parts, 'a test'), ...parts }
}

const { signal } = new AbortController()
const giver = { reason: 'a test', by: 'Zoë', waitMs: 30_000 }
const asIs: PromotionOrder = { mostBehind: 100, isForced: false }
const forced: PromotionOrder = { mostBehind: 0, isForced: true }

/** All events have one public assignment, in order. */
async function allIsAssignedOnce(): Promise<void> {
  const places = (await assigned(log, blue.topics.assignments)).map(({ partition, offset }) => [partition, offset])
  const due = (await readTopic(log, 'events')).map(({ partition, offset }) => [partition, offset])
  expect(places).toEqual(due)
}

/** Blue has done all, and green beside it, with models that have warmed up. */
async function bothAtTheEnd(): Promise<{ first: RunningService; beside: RunningService }> {
  const first = processes.start(blue)
  await write(5000)
  await untilDone('blue')
  const beside = processes.start(green)
  await untilDone('green')
  await until(
    () => (beside.follower.current()?.scorer.model.trainedEvents ?? 0) === written,
    () => 'green to have learned all',
  )
  return { first, beside }
}

describe('a promotion', () => {
  test('waits until all is handed over, is kept in the audit, and is nothing the second time', async () => {
    await bothAtTheEnd()
    const of = promoting(green)
    const found = await promote(of, giver, asIs, signal)
    const at = written / partitions
    const all = [0, 1].map((partition) => ({ partition, primary: 'green', fromOffset: expect.any(Number), behind: 0 }))
    expect(found).toMatchObject(all)
    expect(found!.every(({ fromOffset }) => fromOffset >= at)).toBe(true)
    await write(500)
    await untilDone('green')
    await untilDone('blue')
    expect((await promote(of, giver, asIs, signal))?.map(({ primary }) => primary)).toEqual(['green', 'green'])
    expect(await handOvers(log)).toHaveLength(partitions)
    const asked = { limit: 10, sinceMs: 0, kinds: ['command'] } as const
    const told = await newestAudit(log, green.topics.audit, asked, signal)
    expect(told.map(auditView).map(({ what, by, outcome }) => [what, by, outcome])).toEqual([
      ['promote', 'Zoë', 'given'],
    ])
    await allIsAssignedOnce()
    await promote(promoting(blue), giver, asIs, signal)
    await write(500)
    await untilDone('blue')
    await allIsAssignedOnce()
    expect((await handOvers(log)).map(({ deployment }) => deployment)).toEqual(['green', 'green', 'blue', 'blue'])
  })

  test('is refused to one that is behind, or that does not run; unless it is forced', async () => {
    const { beside } = await bothAtTheEnd()
    await processes.stop(beside)
    await write(500)
    await untilDone('blue')
    const of = promoting(green)
    const { refusals } = (await readiness(of, asIs, signal))!
    expect(refusals).toEqual([
      'green must be running: its group has no members',
      expect.stringMatching(/^it must be at most 100 offsets behind: it is \d+$/),
    ])
    await expect(promote(of, giver, asIs, signal)).rejects.toMatchObject({ code: 'promotion.refused' })
    expect(await handOvers(log)).toEqual([])
    const found = await promote(of, giver, forced, signal)
    expect(found!.map(({ primary }) => primary)).toEqual(['green', 'green'])
    await write(500)
    processes.start(green)
    await untilDone('green')
    await allIsAssignedOnce()
  })

  test('takes the partitions of a deployment that is gone, which is a shadow when it comes back', async () => {
    const { first } = await bothAtTheEnd()
    await processes.stop(first)
    await write(500)
    const found = await promote(promoting(green), giver, forced, signal)
    expect(found!.map(({ primary }) => primary)).toEqual(['green', 'green'])
    await untilDone('green')
    await allIsAssignedOnce()
    processes.start(blue)
    await write(500)
    await untilDone('blue')
    await untilDone('green')
    await allIsAssignedOnce()
  })

  test('takes them also while it comes back: whoever holds a partition hands it over', async () => {
    const { first } = await bothAtTheEnd()
    await processes.stop(first)
    await write(1000)
    const taking = promote(promoting(green), giver, forced, signal)
    processes.start(blue)
    processes.start(blue)
    expect((await taking)!.map(({ primary }) => primary)).toEqual(['green', 'green'])
    await write(500)
    await untilDone('green')
    await allIsAssignedOnce()
  })
})

test('a shadow that begins where the primary is passes over what is before, and takes over all the same', async () => {
  processes.start(blue)
  await write(3000)
  await untilDone('blue')
  const late = processes.start(greenSettings({ shadow: { of: 'blue', beginsAt: 'primary' } }))
  await until(
    () => late.follower.current() !== null,
    () => `green to be born: ${late.health.line()}`,
  )
  await write(4000)
  await untilDone('green')
  const shadowed = await assigned(log, green.topics.shadow!.assignments)
  expect(shadowed.length).toBe(4000)
  await promote(promoting(green), giver, { ...forced, mostBehind: 100 }, signal)
  await write(500)
  await untilDone('green')
  await allIsAssignedOnce()
})
