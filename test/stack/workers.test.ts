/** `shoal run --workers`: the supervisor starts a killed worker again, in the same name, so that it fences its former life. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { type Committed, readCommitted } from './independent-reader.ts'
import { expectOutcomes } from './outcomes.ts'
import { newPipeline, type Pipeline } from './pipeline.ts'
import { type Progress, watchProgress } from './progress.ts'
import type { ShoalProcess } from './shoal-process.ts'

const events = 60_000
const deadlineMs = 100_000

describeWith(['kafka', 'registry', 'redis'], 'two workers of one supervisor, one killed at work', (servers) => {
  let pipeline: Pipeline
  let progress: Progress
  let supervisor: ShoalProcess
  let killed: number
  let doneAtKill: number
  let recoveryMs: number
  let truth: string
  let committed: Committed

  beforeAll(async () => {
    pipeline = await newPipeline(servers)
    progress = await watchProgress(pipeline)
    supervisor = await pipeline.start('supervisor', 2)
    // At a rate, so that there is a middle on a fast machine, too.
    const producing = pipeline.produce(events, 15_000)
    const isMidway = async () => (await progress.done()) >= 0.2 * events
    await until(isMidway, () => `a fifth of the work. The supervisor has said:\n${supervisor.said()}`, deadlineMs)
    killed = workersOf(supervisor)[0]
    process.kill(killed, 'SIGKILL')
    const killedMs = performance.now()
    doneAtKill = await progress.done()
    truth = await producing
    await progress.finished(events, supervisor, deadlineMs)
    recoveryMs = performance.now() - killedMs
    const { assignments, deadLetters } = pipeline.configuration.topics
    committed = await readCommitted(servers.kafka, pipeline.name, [pipeline.input, assignments, deadLetters])
  }, 3 * deadlineMs)

  afterAll(async () => {
    await progress?.close()
    await pipeline?.discard()
  })

  test('the worker is started again', ({ annotate }) => {
    void annotate(`killed after ${doneAtKill} of ${events}, all done ${recoveryMs} ms later`)
    expect(doneAtKill).toBeLessThan(0.7 * events)
    const now = workersOf(supervisor)
    expect(now).toHaveLength(2)
    expect(now).not.toContain(killed)
  })

  test('every event has its one outcome, in order, and the committed position is the end of every partition', () => {
    expectOutcomes(pipeline, committed, truth, events)
    const input = committed.records(pipeline.input)
    expect(committed.positions(pipeline.input)).toEqual(input.map((records) => records.length))
  })

  test('all end in order when the supervisor is asked to', async () => {
    const workers = workersOf(supervisor)
    supervisor.signal('SIGTERM')
    expect((await supervisor.ended).code).toBe(0)
    expect(workers.filter(isThere)).toEqual([])
  })
})

/** Process ids, the longest living first. */
function workersOf({ pid }: ShoalProcess): readonly number[] {
  const ids = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number)
  return ids.sort((a, b) => a - b)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
