/** Redis is not needed: what a pipeline does while it is gone or has forgotten everything, and what it does afterwards. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../tools/stack/redis.ts'
import { freePort, type Server } from '../../tools/stack/server.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { type Committed, readCommitted } from './independent-reader.ts'
import { modelBytes, redisSnapshot } from './model-proof.ts'
import { expectedOutcomes, firstDifferences, foundOutcomes, type Outcomes } from './outcomes.ts'
import { newPipeline, type Pipeline } from './pipeline.ts'
import { type Progress, watchProgress } from './progress.ts'
import type { ShoalProcess } from './shoal-process.ts'

const events = 60_000
const deadlineMs = 100_000

describeWith(['kafka', 'registry', 'redis'], 'a pipeline', ({ kafka, registry }) => {
  let pipeline: Pipeline
  let progress: Progress
  let worker: ShoalProcess
  let redis: Server | undefined
  let address: string
  let port: number
  let committed: Committed
  let expected: Outcomes

  async function begin(): Promise<void> {
    port = await freePort()
    address = `redis://127.0.0.1:${port}`
    pipeline = await newPipeline({ kafka, registry, redis: address })
    progress = await watchProgress(pipeline)
  }

  async function read(truth: string): Promise<void> {
    const { assignments, deadLetters, models } = pipeline.configuration.topics
    committed = await readCommitted(kafka, pipeline.name, [pipeline.input, assignments, deadLetters, models])
    expected = expectedOutcomes(truth, committed.records(pipeline.input))
  }

  async function end(): Promise<void> {
    await progress?.close()
    await pipeline?.discard()
    await redis?.stop()
    redis = undefined
  }

  function expectOneOutcomeEach(): void {
    const { assignments, deadLetters } = pipeline.configuration.topics
    const found = foundOutcomes(committed.records(assignments), committed.records(deadLetters))
    expect(expected.assignments.length + expected.deadLetters.length).toBe(events)
    expect(firstDifferences(expected.assignments, found.assignments)).toEqual([])
    expect(firstDifferences(expected.deadLetters, found.deadLetters)).toEqual([])
  }

  /** Waits until the snapshot is the newest version, bit for bit. */
  async function snapshotIsNewest(): Promise<void> {
    const newest = modelBytes(committed.records(pipeline.configuration.topics.models)[0].at(-1)!)
    const isNewest = async () => (await redisSnapshot(address, pipeline.name))?.model.equals(newest) === true
    await until(
      isNewest,
      () => `the newest version as the snapshot. The worker has said:\n${worker.said()}`,
      deadlineMs,
    )
  }

  const degraded = /^ready: degraded: redis: snapshots cannot be kept in Redis now: /

  async function healthIs(line: RegExp): Promise<void> {
    let last = ''
    const isSo = async () => {
      last = await worker.health()
      return line.test(last)
    }
    await until(isSo, () => `${line}. It is "${last}"`, deadlineMs)
  }

  describe('without a Redis from beginning to end', () => {
    beforeAll(async () => {
      await begin()
      worker = await pipeline.start('worker')
      const truth = await pipeline.produce(events)
      await progress.finished(events, worker, deadlineMs)
      await read(truth)
    }, 2 * deadlineMs)
    afterAll(end)

    test('says so, and serves', () => healthIs(degraded))

    test('gives every event its one outcome, in order', expectOneOutcomeEach)

    test('counts what it commits', async () => {
      expect(await worker.metric('shoal_events_total')).toBe(expected.assignments.length)
      expect(await worker.metric('shoal_dead_letters_total')).toBe(expected.deadLetters.length)
      const tombstones = expected.deadLetters.filter((line) => line.startsWith('tombstone: ')).length
      expect(await worker.metric('shoal_dead_letters_total', 'reason="tombstone"')).toBe(tombstones)
      expect(await worker.metric('shoal_snapshot_failures_total', 'code="snapshots.unavailable"')).toBeGreaterThan(0)
    })

    test('writes the snapshot once Redis is there, though no event has come since', async () => {
      redis = await startRedis({ port })
      await snapshotIsNewest()
      await healthIs(/^ready: serving$/)
    })
  })

  describe('whose Redis forgets everything', () => {
    let doneAtFlush: number

    beforeAll(async () => {
      await begin()
      redis = await startRedis({ port })
      worker = await pipeline.start('worker')
      // At a rate, so that there is a middle on a fast machine, too.
      const producing = pipeline.produce(events, 20_000)
      const isMidway = async () => (await progress.done()) >= 0.2 * events
      await until(isMidway, () => `a fifth of the work. The worker has said:\n${worker.said()}`, deadlineMs)
      const hasSnapshot = async () => (await redisSnapshot(address, pipeline.name)) !== null
      await until(hasSnapshot, () => `a snapshot. The worker has said:\n${worker.said()}`)
      await forgetEverything()
      doneAtFlush = await progress.done()
      const truth = await producing
      await progress.finished(events, worker, deadlineMs)
      await read(truth)
    }, 2 * deadlineMs)
    afterAll(end)

    async function forgetEverything(): Promise<void> {
      const client = new Redis(address)
      await client.flushall()
      await client.script('FLUSH')
      client.disconnect()
    }

    test('midway gives every event its one outcome, in order, and has the newest snapshot again', async () => {
      expect(doneAtFlush).toBeLessThan(0.7 * events)
      expectOneOutcomeEach()
      await snapshotIsNewest()
    })

    test('when all is done writes the snapshot again, though no event has come since', async () => {
      await snapshotIsNewest()
      await forgetEverything()
      expect(await redisSnapshot(address, pipeline.name)).toBeNull()
      await snapshotIsNewest()
      expect(await worker.health()).toBe('ready: serving')
    })

    test('and then is gone says so, though no event has come since', async () => {
      await redis?.stop()
      redis = undefined
      await healthIs(degraded)
    })
  })
})
