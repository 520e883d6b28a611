/** Two deployments on real Kafka and registry: the second is promoted under load, killed, and sent back. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodePrimary, type HandOver, isHandOver } from '../../src/runtime/primary/primary-record.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { decodeAssignment, until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { type Committed, readCommitted } from './independent-reader.ts'
import { expectOutcomes } from './outcomes.ts'
import { newPipeline, type Pipeline } from './pipeline.ts'
import { type Progress, watchProgress } from './progress.ts'
import { attempt, type ShoalProcess, shoal } from './shoal-process.ts'

/** Before the second deployment, while it is promoted, and while the first one is again. */
const [before, there, back] = [8_000, 15_000, 10_000]
const events = before + there + back
const eventsPerSecond = 2_500
const deadlineMs = 100_000
const partitions = 4
/** Of the second: other clusters, and so another fingerprint; what is a valid event is the same to both. */
const others = 'clusters: { k: 8 }'

describeWith(['kafka', 'registry', 'redis'], 'a deployment promoted under load, and sent back', (servers) => {
  let blue: Pipeline
  let green: Pipeline
  let progress: Progress
  let truth: string
  let committed: Committed
  let ofGreen: Committed
  let handOvers: readonly HandOver[]

  beforeAll(async () => {
    blue = await newPipeline(servers)
    green = await newPipeline(servers, others, blue)
    progress = await watchProgress(blue)
    const processes = [await blue.start('first'), await blue.start('second')]
    const first = await blue.produce(before, eventsPerSecond)
    const beside = await green.start('first')
    await untilReady(green, beside)
    const second = blue.produce(there, eventsPerSecond)
    await untilDone(progress, before + 0.1 * there, processes)
    await shoal('promote', '--config', green.file, ...given)
    const done = await progress.done()
    await untilDone(progress, Math.min(before + there, done + 1000), [...processes, beside])
    // The primary dies, and one of those that shadow it; what it had not committed is done by its successor.
    beside.signal('SIGKILL')
    processes[0].signal('SIGKILL')
    const successor = await green.start('successor')
    const [, secondTruth] = await Promise.all([untilDone(progress, before + there, [successor]), second])
    await untilReady(blue, processes[1])
    const third = blue.produce(back, eventsPerSecond)
    await untilDone(progress, before + there + 0.1 * back, [processes[1], successor])
    await shoal('promote', '--config', blue.file, ...given)
    truth = first + [secondTruth, await third].map((of) => of.slice(of.indexOf('\n') + 1)).join('')
    await progress.finished(events, processes[1], deadlineMs)
    const other = await watchProgress(green)
    await other.finished(events, successor, deadlineMs)
    await other.close()
    const { assignments, deadLetters, primary, shadowAssignments } = blue.configuration.topics
    committed = await readCommitted(servers.kafka, blue.name, [blue.input, assignments, deadLetters, primary])
    ofGreen = await readCommitted(servers.kafka, green.name, [
      green.configuration.topics.shadowAssignments,
      shadowAssignments,
    ])
    const records = committed.records(primary).flat()
    handOvers = records.map(({ value }) => decodePrimary(value!.subarray(wireHeaderBytes))!).filter(isHandOver)
  }, 3 * deadlineMs)

  afterAll(async () => {
    await progress?.close()
    await green?.discard()
    await blue?.discard()
  })

  const given = ['--reason', 'a test under load', '--by', 'Zoë', '--wait', '60s'] as const

  async function untilDone(of: Progress, least: number, processes: readonly ShoalProcess[]): Promise<void> {
    let done = 0
    await until(
      async () => {
        done = await of.done()
        return done >= least
      },
      () => `${done} events were done, not ${least}. ${processes.map((each) => each.said()).join('\n')}`,
      deadlineMs,
    )
  }

  async function untilReady({ file }: Pipeline, process: ShoalProcess): Promise<void> {
    let said = ''
    await until(
      async () => {
        const { code, stderr } = await attempt(['promote', '--config', file, '--check', '--json'])
        said = stderr
        return code === 0
      },
      () => `it was not ready: ${said}. ${process.said()}`,
      deadlineMs,
    )
  }

  const fingerprintsIn = (partition: number) =>
    committed.records(blue.configuration.topics.assignments)[partition].map((record) => {
      const { offset, fingerprint } = decodeAssignment(record)
      return { offset, fingerprint: fingerprint.toString('hex') }
    })

  test('every valid event has one assignment and every invalid one a dead letter, in order, over both', () => {
    expectOutcomes(blue, committed, truth, events)
  })

  test('every partition was handed over there and back, and changes whose it is exactly where the topic says', ({
    annotate,
  }) => {
    const places = handOvers.map(
      ({ deployment, partition, fromOffset }) => `${partition}/${fromOffset} to ${deployment}`,
    )
    void annotate(places.join(', '))
    expect(handOvers.map(({ deployment }) => deployment)).toEqual([
      ...Array.from({ length: partitions }, () => green.name),
      ...Array.from({ length: partitions }, () => blue.name),
    ])
    for (let partition = 0; partition < partitions; partition++) {
      const [toGreen, toBlue] = handOvers.filter((of) => of.partition === partition)
      expect(toBlue.fromOffset).toBeGreaterThan(toGreen.fromOffset)
      for (const { offset, fingerprint } of fingerprintsIn(partition)) {
        const isGreen = offset >= toGreen.fromOffset && offset < toBlue.fromOffset
        expect(fingerprint).toBe((isGreen ? green : blue).configuration.fingerprint)
      }
    }
  })

  test('what each did as a shadow is what the other wrote, once and in order', () => {
    for (const [pipeline, whose] of [
      [green, false],
      [blue, true],
    ] as const) {
      for (let partition = 0; partition < partitions; partition++) {
        const [toGreen, toBlue] = handOvers.filter((of) => of.partition === partition)
        const shadow = ofGreen.records(pipeline.configuration.topics.shadowAssignments)[partition]
        const due = fingerprintsIn(partition).map(({ offset }) => offset)
        const isGreens = (offset: number) => offset >= toGreen.fromOffset && offset < toBlue.fromOffset
        expect(shadow.map((record) => decodeAssignment(record).offset)).toEqual(
          due.filter((offset) => isGreens(offset) === whose),
        )
      }
    }
  })
})
