/** The promises of ARCHITECTURE.md on real Kafka, registry and Redis: two processes, one of which is killed at work. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { type Committed, type EndsWatcher, readCommitted, watchEnds } from './independent-reader.ts'
import { type Killing, killInTransaction } from './killing.ts'
import { foldAll, modelBytes, modelOf, recompute, redisSnapshot, sampleOf } from './model-proof.ts'
import { expectOutcomes } from './outcomes.ts'
import { newPipeline, type Pipeline } from './pipeline.ts'
import { type Progress, watchProgress } from './progress.ts'
import type { ShoalProcess } from './shoal-process.ts'

const events = 300_000
/** Slow enough that versions follow each other before the trainer dies: of a backlog it may all be scored by the first. */
const eventsPerSecond = 40_000
const deadlineMs = 100_000

describeWith(['kafka', 'registry', 'redis'], 'two processes, one killed at work and started again', (servers) => {
  let pipeline: Pipeline
  let progress: Progress
  let ends: EndsWatcher
  let truth: string
  let killing: Killing
  let recoveryMs: number
  let survivor: ShoalProcess
  let successor: ShoalProcess
  let committed: Committed

  beforeAll(async () => {
    pipeline = await newPipeline(servers)
    ends = await watchEnds(servers.kafka)
    progress = await watchProgress(pipeline)
    const processes = [await pipeline.start('first'), await pipeline.start('second')]
    const victim = await trainerOf(processes)
    survivor = processes.find((process) => process !== victim)!
    const produced = pipeline.produce(events, eventsPerSecond)
    killing = await killInTransaction(pipeline, victim, survivor, progress, ends, 0.2 * events, 0.7 * events)
    const killedMs = performance.now()
    successor = await pipeline.start('successor')
    truth = await produced
    await progress.finished(events, successor, deadlineMs)
    recoveryMs = performance.now() - killedMs
    const { assignments, deadLetters, modelUpdates, models } = pipeline.configuration.topics
    const topics = [pipeline.input, assignments, deadLetters, modelUpdates, models]
    committed = await readCommitted(servers.kafka, pipeline.name, topics)
  }, 2 * deadlineMs)

  afterAll(async () => {
    await progress?.close()
    await ends?.close()
    await pipeline?.discard()
  })

  /** The process that trains, once both share the input: it has the most to lose. */
  async function trainerOf(processes: readonly ShoalProcess[]): Promise<ShoalProcess> {
    const { name, input, configuration } = pipeline
    let trainer: ShoalProcess | undefined
    await until(
      async () => {
        const scorers = await progress.owners(name, input)
        const trainers = await progress.owners(`${name}.train`, configuration.topics.modelUpdates)
        trainer = processes.find((process) => trainers.get(process.name)?.includes(0))
        return trainer !== undefined && processes.every((process) => scorers.get(process.name)?.length === 2)
      },
      () => processes.map((process) => `${process.name}:\n${process.said()}`).join('\n'),
      deadlineMs,
    )
    return trainer!
  }

  test('the process died with a transaction open, in the middle of the work', ({ annotate }) => {
    void annotate(`killed after ${killing.done} of ${events}, all done ${recoveryMs} ms later`)
    expect(killing.done).toBeGreaterThanOrEqual(0.2 * events)
    expect(killing.done).toBeLessThanOrEqual(0.7 * events)
    expect(killing.undecided).not.toEqual([])
  })

  test('nothing that the dead process had not committed is there for a reader of committed records', () => {
    const assignments = committed.records(pipeline.configuration.topics.assignments)
    const seen = killing.undecided.flatMap(({ partition, lastStable, highWatermark }) =>
      assignments[partition].filter(({ offset }) => offset >= lastStable && offset < highWatermark),
    )
    expect(seen).toEqual([])
  })

  test('every valid event has one assignment and every invalid one a dead letter with the reason, in order', () => {
    expectOutcomes(pipeline, committed, truth, events)
  })

  test('the committed position is the end of every partition of the input', () => {
    const input = committed.records(pipeline.input).map((records) => records.length)
    expect(input.reduce((sum, count) => sum + count)).toBe(events)
    expect(committed.positions(pipeline.input)).toEqual(input)
  })

  test('no transaction is open: the last stable offset is the high watermark', async () => {
    const { assignments, anomalies, deadLetters, modelUpdates, models } = pipeline.configuration.topics
    for (const topic of [assignments, anomalies, deadLetters, modelUpdates, models]) {
      for (const { lastStable, highWatermark } of await ends.ask(topic)) expect(lastStable).toBe(highWatermark)
    }
  })

  test('the newest version, the snapshot and the fold of the updates from the birth on are equal, bit for bit', async () => {
    const { name, configuration } = pipeline
    const { topics, fingerprint } = configuration
    const [versions] = committed.records(topics.models)
    const [updates] = committed.records(topics.modelUpdates)
    const newest = modelBytes(versions.at(-1)!)
    expect(modelOf(versions[0], fingerprint).version).toBe(1)
    expect(foldAll(versions[0], updates, fingerprint).equals(newest)).toBe(true)
    await until(
      async () => (await redisSnapshot(servers.redis, name))?.model.equals(newest) === true,
      () => `the newest version as the snapshot. The trainer has said:\n${survivor.said()}`,
    )
  })

  test('1,000 assignments, each made anew from the version that it names, are equal, bit for bit', () => {
    const { topics, fingerprint } = pipeline.configuration
    const models = committed.records(topics.models)[0].map((record) => modelOf(record, fingerprint))
    const versions = new Map(models.map((model) => [model.version, model]))
    const sample = sampleOf(committed.records(topics.assignments).flat(), 1_000)
    const pairs = sample.map((record) => recompute(record, committed.records(pipeline.input), versions, pipeline.plan))
    expect(pairs.map(({ again }) => again)).toEqual(pairs.map((pair) => pair.committed))
    // While the dead trainer is waited for, one version may score all of the rest.
    expect(new Set(pairs.map(({ again }) => again.modelVersion)).size).toBeGreaterThan(1)
  })

  test('the processes serve, and end in order when they are asked to', async () => {
    expect(await Promise.all([survivor.health(), successor.health()])).toEqual(['ready: serving', 'ready: serving'])
    expect(await successor.metric('shoal_transactions_total', 'stage="score"', 'outcome="committed"')).toBeGreaterThan(
      0,
    )
    for (const process of [survivor, successor]) process.signal('SIGTERM')
    const codes = await Promise.all([survivor, successor].map(async ({ ended }) => (await ended).code))
    expect(codes).toEqual([0, 0])
  })
})
