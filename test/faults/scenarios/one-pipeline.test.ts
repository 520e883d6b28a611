/** One long-lived pipeline, under one fault after the other. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { writeWithAborts } from '../aborted-input.ts'
import { cutAll, cutAt, delayAt, partition, slowDown, swallowAt } from '../broken-wire.ts'
import { describeFaults, inFull } from '../describe-faults.ts'
import { allFailpoints, failpoint, mostDangerous, needsRebalance } from '../failpoint.ts'
import { comeOne, endWhileStarting, goOne, growAndShrink, workWithWrongDates } from '../membership-changes.ts'
import { addPartitions } from '../more-partitions.ts'
import { openRig, type Rig } from '../rig.ts'
import { someOf } from '../seeded-choice.ts'
import { deliverLate, endAt, killAt, stopAt } from '../striking.ts'

const crewSize = 2

describeFaults('a pipeline under faults', ({ kafka, servers, transactionVersion }) => {
  const all = allFailpoints(transactionVersion)
  const recurring = all.filter((at) => !needsRebalance(failpoint(at)))
  const ofTransactions = recurring.filter((at) => !/:(Fetch|Heartbeat)$/.test(at))
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig('one pipeline', kafka, servers)
    await rig.crew.fill(crewSize)
    await rig.recovered(Date.now(), 'the start')
  })

  afterAll(async () => {
    await rig?.close()
  })

  beforeEach(async () => {
    await rig.crew.fill(crewSize)
  })

  test('SIGKILL at any request: nothing is lost, twice or out of order', async () => {
    for (const at of inFull(all, [...someOf(mostDangerous, 1), ...someOf(all, 1)])) await killAt(rig, at, crewSize)
  })

  test('a request of the dead that arrives after their successors took over changes nothing', async () => {
    const sent = ofTransactions.filter((at) => failpoint(at).when === 'before')
    for (const at of inFull(sent, ['score:before:EndTxn'])) await deliverLate(rig, at, crewSize)
  })

  test('SIGSTOP beyond session and transaction, then SIGCONT: whoever wakes up writes neither Kafka nor Redis', async () => {
    for (const at of inFull(recurring, ['score:before:EndTxn'])) await stopAt(rig, at)
  })

  test('SIGTERM at any request: a process ends in order, and the others take over at once', async () => {
    const short = [...someOf(mostDangerous, 1), ...someOf(all, 1)]
    for (const at of inFull(all, short)) await endAt(rig, at, crewSize)
  })

  test('SIGTERM before there is work, for want of a Kafka or of a model: a process ends in order', async () => {
    await endWhileStarting(rig)
  })

  test('processes that come and go disturb nothing', async () => {
    for (let i = 0; i < inFull(25, 1); i++) {
      await comeOne(rig)
      await goOne(rig)
    }
  })

  test('one process, three, and one again: in order, and by SIGKILL', async () => {
    for (let i = 0; i < inFull(3, 1); i++) {
      if (inFull(true, false)) await growAndShrink(rig, 'SIGTERM')
      await growAndShrink(rig, 'SIGKILL')
    }
  })

  // Only there: half a minute of starts.
  const wrongDates = () =>
    test('dates that are wrong by a week, one ahead and one behind, change nothing', async () => {
      await workWithWrongDates(rig, crewSize)
    })
  if (inFull(true, false)) wrongDates()

  test('input of transactions that abort leaves no trace', async () => {
    await writeWithAborts(rig, inFull(8, 1), () => killAt(rig, 'score:after:TxnOffsetCommit', crewSize))
  })

  test('partitions that are added to the input are worked on as soon as they are noticed', async () => {
    await addPartitions(rig, 6)
  })

  test('requests and answers that are lost with their connection are made good', async () => {
    const short = ['score:after:EndTxn', 'score:after:Produce', 'train:after:EndTxn', ...someOf(recurring, 3)]
    for (const at of inFull(recurring, short)) await cutAt(rig, at)
    await cutAll(rig)
  })

  test('answers that never come on connections that stay are waited for no longer than a transaction lasts', async () => {
    const answers = ofTransactions.filter((at) => failpoint(at).when === 'after')
    for (const at of inFull(answers, ['score:after:EndTxn'])) await swallowAt(rig, at)
  })

  test('a slow network delays and breaks nothing', async () => {
    for (const at of inFull(recurring, someOf(recurring, 1))) await delayAt(rig, at, 700)
    await slowDown(rig, 20)
    await partition(rig, 1000)
  })

  test('when the faults are over, all is done, nothing is open, and the model is the fold', async () => {
    await rig.end()
    expect(rig.verifier.counts.events).toBeGreaterThan(0)
  })
})
