/** The epochs of a transactional id, through the end of their numbers (in full). */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { Cluster } from '../../../src/adapters/kafka/cluster.ts'
import { kafkaLog } from '../../../src/adapters/kafka/log.ts'
import { settingsOf } from '../../../src/adapters/kafka/options.ts'
import { TransactionalId } from '../../../src/adapters/kafka/transactional-id.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { describeWith } from '../../servers.ts'
import { silentLog } from '../../silent-log.ts'
import { newNames } from '../../stack/kafka-topics.ts'
import { inFull } from '../describe-faults.ts'

/** The last epoch that the coordinator gives: 32,767 is its own. */
const lastEpoch = 32_766
const transactions = 10

describeWith(['kafka'], 'a transactional id', ({ kafka }) => {
  test('gets one epoch after the other, then another producer id, and what it commits is committed all the while', async () => {
    const options = { clientId: 'epochs', transactionalId: randomUUID(), log: silentLog, clock: systemClock }
    const settings = settingsOf({ brokers: [kafka], ...options })
    const [log, cluster] = [kafkaLog({ brokers: [kafka], ...options }), new Cluster(settings)]
    const { input: topic, group } = await newNames(log, 1)
    const deadline = () => systemClock.now() + 30_000
    await cluster.connect([topic], deadline())
    const version = await cluster.transactionVersion()
    const id = new TransactionalId(randomUUID(), cluster, systemClock, 10_000)
    await id.initialise(deadline())
    const first = id.who
    const some = inFull(lastEpoch - transactions / 2, 50)
    while (id.who.epoch < some) {
      const { epoch } = id.who
      await id.initialise(deadline())
      expect(id.who).toEqual({ producerId: first.producerId, epoch: epoch + 1 })
    }
    for (let position = 1; position <= transactions; position++) {
      // In transaction version 2 every end gives a new epoch; before it only this does.
      if (version === 1) await id.initialise(deadline())
      if (version === 1) await id.addOffsets(group, deadline())
      const commit = { group, topic, memberId: '', generation: -1, positions: new Map([[0, position]]) }
      await id.commitOffsets(commit, version === 2 ? 5 : 4, deadline())
      await id.end(true, version === 2 ? 5 : 4, deadline())
    }
    expect(await log.committed(group, topic)).toEqual(new Map([[0, transactions]]))
    expect(id.who.producerId !== first.producerId).toBe(inFull(true, false))
    await cluster.close()
    await log.close()
  })
})
