/** One long-lived pipeline of two processes, under one fault after the other. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeFaults, inFull } from '../describe-faults.ts'
import { allFailpoints, failpoint, mostDangerous, needsRebalance } from '../failpoint.ts'
import { openRig, type Rig } from '../rig.ts'
import { someOf } from '../seeded-choice.ts'

const crewSize = 2
const deadlineMs = inFull(1_800_000, 400_000)

describeFaults('a pipeline under faults', ({ kafka, servers, transactionVersion }) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig('one pipeline', kafka, servers)
    await rig.crew.fill(crewSize)
    await rig.recovered(Date.now(), 'the start')
  }, deadlineMs)

  afterAll(async () => {
    await rig?.close()
  }, deadlineMs)

  /** Lets the trainer leave in order and another process come: every request of a rebalance is made, of both stages. */
  async function provoke(): Promise<void> {
    const trainer = rig.wire.lastClient('train', 'EndTxn')
    if (trainer !== null) rig.crew.named(trainer).signal('SIGTERM')
    await rig.crew.start()
  }

  test('SIGKILL at any request: nothing is lost, twice or out of order', { timeout: deadlineMs }, async () => {
    const all = allFailpoints(transactionVersion)
    for (const at of inFull(all, [...mostDangerous, ...someOf(all, 2)])) {
      await rig.inject(
        `SIGKILL ${at}`,
        async () => {
          const struck = rig.strike(at, 'SIGKILL')
          if (needsRebalance(failpoint(at))) await provoke()
          return struck
        },
        !needsRebalance(failpoint(at)),
      )
      await rig.crew.fill(crewSize)
    }
  })

  test('when the faults are over, all is done, nothing is open, and the model is the fold', {
    timeout: deadlineMs,
  }, async () => {
    await rig.end()
    expect(rig.verifier.counts.events).toBeGreaterThan(0)
  })
})
