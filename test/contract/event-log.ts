/** What every event log does, whoever keeps it. */
import { afterAll, beforeAll, describe } from 'vitest'
import { commitTheorems } from './event-log/commits.ts'
import { expiryTheorems } from './event-log/expiry.ts'
import { followTheorems } from './event-log/following.ts'
import { followSeveralTheorems } from './event-log/following-several.ts'
import { generationTheorems } from './event-log/generations.ts'
import { handoverTheorems } from './event-log/handover.ts'
import { isolationTheorems } from './event-log/isolation.ts'
import { pauseTheorems } from './event-log/pausing.ts'
import { readTheorems } from './event-log/reading.ts'
import { topicTheorems } from './event-log/topics.ts'
import type { LogWorld } from './event-log/world.ts'

export function eventLogContract(makeWorld: () => Promise<LogWorld>): void {
  let made: LogWorld | undefined
  const world = () => made!

  beforeAll(async () => {
    made = await makeWorld()
  })
  afterAll(() => made?.close())

  describe('topics', () => topicTheorems(world))
  describe('publish and follow', () => followTheorems(world))
  describe('following several partitions', () => followSeveralTheorems(world))
  describe('isolation', () => isolationTheorems(world))
  describe('reading a share', () => readTheorems(world))
  describe('positions that are not in the log', () => expiryTheorems(world))
  describe('pausing a partition', () => pauseTheorems(world))
  describe('commit and abandon', () => commitTheorems(world))
  describe('generations', () => generationTheorems(world))
  describe('handover', () => handoverTheorems(world))
}
