/** What a command has ordered is kept by whoever trains next: a pinned version is there, a budget holds. */
import { beforeEach, expect, test } from 'vitest'
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { type Command, type CommandKind, commandOf } from '../../src/core/command/command.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { appendCommand } from '../../src/stages/command-records.ts'
import type { ManualClock } from './manual-clock.ts'
import { bornModel, eventually, publishUpdates, publishVersion, storedModels, topics } from './model-world.ts'
import { said, startTrainer, trainersWorld, versionOf } from './trainers.ts'

let clock: ManualClock
let cluster: MemoryCluster
let log: EventLog
const born = bornModel()

beforeEach(async () => {
  ;({ clock, cluster, log } = await trainersWorld())
})

async function order(kind: CommandKind, more: Partial<Command>): Promise<void> {
  const command = commandOf(kind, { bornAtMs: born.bornAtMs, reason: 'a test', by: 'Zoë', atMs: 1, ...more })
  await log.publish((outputs) => appendCommand(outputs, { topic: topics.updates, schemaId: 3 }, command, 1000))
}

/** Versions that have a record which is not a tombstone behind it. */
async function alive(): Promise<readonly number[]> {
  const last = new Map((await storedModels(log)).map((one) => [one.version, one.model]))
  return [...last].flatMap(([version, model]) => (model === null ? [] : [version]))
}

test('a pinned version outlives all that come after it, whoever trains, until it is unpinned', async () => {
  const keep = { allForMs: 1000, hourlyForMs: 1000, dailyForMs: 1000 }
  await publishVersion(log, born, 1, clock.now())
  let trainer = startTrainer(cluster, clock, { keep })
  let [version, taught] = [1, 0]
  const teach = async () => {
    clock.advance(2000)
    await publishUpdates(log, born, 5 * taught++, 1, 5)
    await eventually(() => expect(versionOf(trainer)).toBe(version + 1))
    version++
  }
  const give = async (kind: CommandKind) => {
    await order(kind, { targetVersion: 2 })
    await eventually(() => expect(versionOf(trainer)).toBe(version + 1))
    version++
  }
  await teach()
  await give('pin')
  for (let i = 0; i < 3; i++) await teach()
  await trainer.stop()
  trainer = startTrainer(cluster, clock, { keep })
  await eventually(() => expect(said(trainer)).toContain('training goes on'))
  for (let i = 0; i < 3; i++) await teach()
  expect(await alive()).toEqual([1, 2, 9])
  await give('unpin')
  for (let i = 0; i < 3; i++) await teach()
  await trainer.stop()
  expect(await alive()).not.toContain(2)
})

test('a budget holds for whoever trains next, who says that the configured one is another', async () => {
  await publishVersion(log, born, 1)
  const first = startTrainer(cluster, clock)
  await order('budget', { budget: 0.03 })
  await eventually(() => expect(versionOf(first)).toBe(2))
  await first.stop()
  const second = startTrainer(cluster, clock)
  await eventually(() => expect(said(second)).toContain('training goes on'))
  expect(second.follower.current()?.scorer.model.control.budget).toBe(0.03)
  expect(second.telemetry.log.lines).toContainEqual(
    expect.objectContaining({ fields: { budget: 0.03, configured: 0.005 } }),
  )
  await second.stop()
})
