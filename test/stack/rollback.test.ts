/** A rollback under load on real Kafka, registry and Redis, while the process that trains is killed; then a freeze. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Deed } from '../../src/core/command/control.ts'
import type { VersionView } from '../../src/runtime/views/version-view.ts'
import { decodeAssignment, until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { type Committed, readCommitted } from './independent-reader.ts'
import { differing, recompute, sampleOf, type VersionsInLog, versionsInLog } from './model-proof.ts'
import { expectOutcomes } from './outcomes.ts'
import { newPipeline, type Pipeline } from './pipeline.ts'
import { type Progress, watchProgress } from './progress.ts'
import { type ShoalProcess, shoal } from './shoal-process.ts'

const events = 40_000
const eventsPerSecond = 2_500
/** However long the successor took to obey it, events come after it. */
const eventsAfter = 10_000
const eventsWhenFrozen = 4_000
const all = events + eventsAfter + eventsWhenFrozen
const deadlineMs = 100_000

describeWith(
  ['kafka', 'registry', 'redis'],
  'a rollback under load, while the trainer is killed, and a freeze',
  (servers) => {
    let pipeline: Pipeline
    let progress: Progress
    let target: number
    let doneBefore: number
    let rollback: Deed
    let freezing: Deed
    let truth: string
    let committed: Committed
    let inLog: VersionsInLog
    let published: VersionsInLog['published']
    let folded: VersionsInLog['folded']

    beforeAll(async () => {
      pipeline = await newPipeline(servers)
      progress = await watchProgress(pipeline)
      const processes = [await pipeline.start('first'), await pipeline.start('second')]
      const producing = pipeline.produce(events, eventsPerSecond)
      await untilDone(0.2 * events, processes)
      const { versions } = await asked<{ versions: readonly VersionView[] }>('list', '--limit', '200')
      target = versions[Math.floor(versions.length / 2)].version
      await untilDone(0.4 * events, processes)
      const trainer = await trainerOf(processes)
      doneBefore = await progress.done()
      const ordering = asked<{ done: [Deed] }>('rollback', '--to', String(target), ...given)
      trainer.signal('SIGKILL')
      const successor = await pipeline.start('successor')
      rollback = (await ordering).done[0]
      const first = await producing
      const after = await pipeline.produce(eventsAfter, eventsPerSecond)
      await untilDone(events + eventsAfter, [successor])
      freezing = (await asked<{ done: [Deed] }>('freeze', ...given)).done[0]
      const last = await pipeline.produce(eventsWhenFrozen)
      truth = first + [after, last].map((of) => of.slice(of.indexOf('\n') + 1)).join('')
      await progress.finished(all, successor, deadlineMs)
      const { assignments, deadLetters, modelUpdates, models } = pipeline.configuration.topics
      const topics = [pipeline.input, assignments, deadLetters, modelUpdates, models]
      committed = await readCommitted(servers.kafka, pipeline.name, topics)
      const [[born], [updated]] = [committed.records(models), committed.records(modelUpdates)]
      inLog = versionsInLog(born, updated, pipeline.configuration.fingerprint)
      ;({ published, folded } = inLog)
    }, 3 * deadlineMs)

    afterAll(async () => {
      await progress?.close()
      await pipeline?.discard()
    })

    const given = ['--reason', 'a test under load', '--by', 'Zoë', '--wait', '90s'] as const

    /** What `shoal model …` prints as JSON. */
    async function asked<T>(...args: readonly string[]): Promise<T> {
      const { stdout } = await shoal('model', ...args, '--config', pipeline.file, '--json')
      return JSON.parse(stdout)
    }

    async function untilDone(least: number, processes: readonly ShoalProcess[]): Promise<void> {
      let done = 0
      await until(
        async () => {
          done = await progress.done()
          return done >= least
        },
        () => `${done} events were done, not ${least}. ${processes.map((each) => each.said()).join('\n')}`,
        deadlineMs,
      )
    }

    async function trainerOf(processes: readonly ShoalProcess[]): Promise<ShoalProcess> {
      let trainer: ShoalProcess | undefined
      await until(
        async () => {
          const owners = await progress.owners(`${pipeline.name}.train`, pipeline.configuration.topics.modelUpdates)
          trainer = processes.find(({ name }) => owners.get(name)?.includes(0))
          return trainer !== undefined
        },
        () => 'a trainer',
        deadlineMs,
      )
      return trainer!
    }

    test('every valid event has one assignment and every invalid one a dead letter, in order', () => {
      expectOutcomes(pipeline, committed, truth, all)
    })

    test('every published version is the fold of the log, bit for bit', () => {
      expect(published.size).toBeGreaterThan(10)
      expect(differing(inLog)).toEqual([])
    })

    test('the version that obeyed it goes on from the one that was chosen', ({ annotate }) => {
      void annotate(`ordered after ${doneBefore} of ${events}: from version ${rollback.version - 1} back to ${target}`)
      expect(doneBefore).toBeLessThan(events)
      expect(rollback).toMatchObject({ targetVersion: target, refused: '', by: 'Zoë', reason: 'a test under load' })
      const [then, before, after] = [target, rollback.version - 1, rollback.version].map((of) => folded.get(of)!.model)
      expect(after.clusters).toEqual(then.clusters)
      expect(after.usual.places).toEqual(then.usual.places)
      expect(after.clusters).not.toEqual(before.clusters)
      expect(after.control.undone).toEqual([{ from: target, to: rollback.version - 1 }])
    })

    test('the audit shows who and why, and none of it was changed', async () => {
      const { stdout } = await shoal('audit', '--config', pipeline.file, '--kind', 'rollback', '--json')
      const told = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      const { version } = rollback
      expect(told).toMatchObject([
        { what: 'rollback', by: 'Zoë', reason: 'a test under load', outcome: 'promoted', version },
      ])
      await shoal('audit', 'verify', '--config', pipeline.file)
    })

    test('1,000 assignments, each made anew from the version that it names, are equal; those after the rollback are named', () => {
      const versions = new Map([...published.keys()].map((version) => [version, folded.get(version)!.model]))
      const records = committed.records(pipeline.configuration.topics.assignments).flat()
      const pairs = sampleOf(records, 1_000).map((record) =>
        recompute(record, committed.records(pipeline.input), versions, pipeline.plan),
      )
      expect(pairs.map(({ again }) => again)).toEqual(pairs.map((pair) => pair.committed))
      const named = new Set(records.map((record) => decodeAssignment(record).modelVersion))
      const since = [...named].filter((version) => version >= rollback.version && version < freezing.version)
      expect(since.length).toBeGreaterThan(2)
    })

    test('a frozen model keeps its centroids bit for bit, while events are assigned by its versions', () => {
      const frozen = folded.get(freezing.version)!.model.clusters.mean
      const since = [...folded.values()].filter(({ model }) => model.version > freezing.version)
      expect(since.length).toBeGreaterThan(0)
      for (const { model } of since)
        expect(Buffer.from(model.clusters.mean.buffer).equals(Buffer.from(frozen.buffer))).toBe(true)
      const assigned = committed.records(pipeline.configuration.topics.assignments).flat().map(decodeAssignment)
      expect(assigned.filter(({ modelVersion }) => modelVersion >= freezing.version).length).toBeGreaterThan(
        eventsWhenFrozen / 2,
      )
    })
  },
)
