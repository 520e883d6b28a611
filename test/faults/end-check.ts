/** What must hold at the end of every run, when the input has ended and no fault is left. */
import { expect } from 'vitest'
import { until } from '../pipeline/harness.ts'
import { readCommitted, watchEnds } from '../stack/independent-reader.ts'
import { redisSnapshot } from '../stack/model-proof.ts'
import type { Rig } from './rig.ts'

const deadlineMs = 90_000
/** Node itself takes 100 MB; what is read ahead, in work and about to be written is bounded. */
const memoryLimitMegabytes = 400
/** What a heap that has found its size still moves by. */
const growthLimitMegabytes = 64

/** With living processes, which it asks to end. */
export async function endCheck(rig: Rig): Promise<void> {
  await everythingIsDone(rig)
  await nothingIsOpen(rig)
  await lagIsZero(rig)
  await theModelIsTheFold(rig)
  const codes = await rig.crew.end()
  expect(
    codes.filter((code) => code !== 0),
    'exit codes of processes that were asked to end',
  ).toEqual([])
  await rig.verifier.close()
  const { duplicates, losses, orderBreaks, wrong } = rig.verifier.counts
  expect(rig.verifier.findings).toEqual([])
  expect({ duplicates, losses, orderBreaks, wrong }).toEqual({ duplicates: 0, losses: 0, orderBreaks: 0, wrong: 0 })
  expect(rig.snapshots.steps, 'snapshots that went back').toEqual([])
  const { peakMegabytes, growth } = rig.crew.memory
  expect(peakMegabytes, 'resident memory of the largest process').toBeLessThan(memoryLimitMegabytes)
  expect(growth?.megabytes ?? 0, `growth of ${growth?.process}`).toBeLessThan(growthLimitMegabytes)
}

async function everythingIsDone({ verifier, crew }: Rig): Promise<void> {
  await until(
    () => verifier.outstanding === 0,
    () => `the outcomes of ${verifier.outstanding} events. ${crew.said()}`,
    deadlineMs,
  )
}

/** The last stable offset is the high watermark: also what the dead had left open has ended. */
async function nothingIsOpen({ kafka, configuration }: Rig): Promise<void> {
  const { assignments, anomalies, deadLetters, modelUpdates, models } = configuration.topics
  const ends = await watchEnds(kafka.address)
  try {
    for (const topic of [assignments, anomalies, deadLetters, modelUpdates, models]) {
      let seen = ''
      await until(
        async () => {
          const found = await ends.ask(topic)
          seen = JSON.stringify(found)
          return found.every(({ lastStable, highWatermark }) => lastStable === highWatermark)
        },
        () => `no open transaction in ${topic}: ${seen}`,
        deadlineMs,
      )
    }
  } finally {
    await ends.close()
  }
}

async function lagIsZero({ kafka, configuration, crew }: Rig): Promise<void> {
  const { input, name, topics } = configuration
  const ends = await watchEnds(kafka.address)
  try {
    for (const [group, topic] of [
      [name, input.topic],
      [`${name}.train`, topics.modelUpdates],
    ]) {
      let seen = ''
      await until(
        async () => {
          const wanted = (await ends.ask(topic)).map(({ lastStable }) => lastStable)
          const positions = (await readCommitted(kafka.address, group, [])).positions(topic)
          seen = `${positions} of ${wanted}`
          // What was never written to has no position.
          return wanted.every((end, partition) => (positions[partition] ?? 0) === end)
        },
        () => `the position of ${group} at the end of ${topic}: ${seen}. ${crew.said()}`,
        deadlineMs,
      )
    }
  } finally {
    await ends.close()
  }
}

async function theModelIsTheFold({ verifier, servers, configuration, crew }: Rig): Promise<void> {
  const { model } = verifier
  await until(
    () => model.version === model.updates + 1,
    () => `version ${model.updates + 1}, which holds all updates: the newest is ${model.version}. ${crew.said()}`,
    deadlineMs,
  )
  expect(model.differences).toEqual([])
  await until(
    async () => (await redisSnapshot(servers.redis, configuration.name))?.model.equals(model.bytes!) === true,
    () => `the newest version as the snapshot. ${crew.said()}`,
    deadlineMs,
  )
}
