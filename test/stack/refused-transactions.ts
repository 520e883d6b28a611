/** What brokers refuse in a transaction, and what mends it. */
import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { latest, listOffsets, type Sought, watermark } from '../../src/adapters/kafka/offset-requests.ts'
import { initialise, initialised, joined, openTransaction, type Provocation, positionsOf } from './provoking.ts'
import { deadline, forbidden, newTopic, type StrictBrokers } from './strict-brokers.ts'

/** The broker has given the id a new epoch and aborted what was open. */
async function timedOut(brokers: StrictBrokers) {
  const steps = await openTransaction(brokers, 200)
  const { topic } = steps
  const { cluster } = brokers
  const isOpen = async () => {
    const ask = async (sought: Sought) =>
      (await cluster.send(cluster.leader(topic, 0)!, lane.requests, listOffsets(topic, [0], sought))).offsets[0].offset
    return (await ask(latest)) < (await ask(watermark))
  }
  await vi.waitFor(async () => expect(await isOpen()).toBe(false), deadline)
  return steps
}

export const refusedInATransaction: readonly Provocation[] = [
  [
    3,
    'a partition that is not there',
    async (brokers) => {
      const { add, who } = await openTransaction(brokers)
      const topic = randomUUID()
      return { again: () => add(who, topic), mend: () => newTopic(brokers, {}, topic) }
    },
  ],
  [
    29,
    'a partition that we may not write to',
    async (brokers) => {
      const { add, who } = await openTransaction(brokers)
      return { again: () => add(who, forbidden) }
    },
  ],
  [
    30,
    'positions of a group that is not ours',
    async (brokers) => {
      const { addOffsets } = await openTransaction(brokers)
      return { again: () => addOffsets(forbidden) }
    },
  ],
  [
    45,
    'a gap in the sequence',
    async (brokers) => {
      const { write } = await openTransaction(brokers)
      return { again: () => write(7) }
    },
  ],
  [
    47,
    'a record under an epoch that is over',
    async (brokers) => {
      const { write, id } = await openTransaction(brokers)
      await initialised(brokers, id)
      return { again: () => write(1) }
    },
  ],
  [
    90,
    'an end under an epoch that is over',
    async (brokers) => {
      const { end, id } = await openTransaction(brokers)
      await initialised(brokers, id)
      return { again: () => end(true) }
    },
  ],
  [
    47,
    'a record for a transaction that has timed out',
    async (brokers) => {
      const { write } = await timedOut(brokers)
      return { again: () => write(1) }
    },
  ],
  [
    90,
    'the end of a transaction that has timed out',
    async (brokers) => {
      const { end } = await timedOut(brokers)
      return { again: () => end(true) }
    },
  ],
  [
    48,
    'the end of a transaction that nothing is in',
    async (brokers) => {
      const { end, id } = await openTransaction(brokers)
      const who = await initialised(brokers, id)
      return { again: () => end(true, who) }
    },
  ],
  [
    49,
    'a producer id that is not the one of the transactional id',
    async (brokers) => {
      const { add, who } = await openTransaction(brokers)
      return { again: () => add({ ...who, producerId: who.producerId + 1_000n }) }
    },
  ],
  [
    50,
    'a transaction timeout that is longer than the brokers allow',
    async (brokers) => ({ again: async () => (await initialise(brokers, randomUUID(), 2 ** 31 - 1)).error }),
  ],
  [
    51,
    'the initialisation of an id whose transaction is open',
    async (brokers) => {
      const { id } = await openTransaction(brokers)
      return { again: async () => (await initialise(brokers, id)).error }
    },
  ],
  [
    88,
    'positions on which a transaction is pending',
    async (brokers) => {
      const { addOffsets, commitOffsets, end, topic } = await openTransaction(brokers)
      const group = randomUUID()
      expect(await addOffsets(group)).toBe(0)
      expect(await commitOffsets(group, '', -1)).toBe(0)
      return { again: () => positionsOf(brokers, group, topic), mend: () => end(true) }
    },
  ],
  [
    22,
    'positions from an earlier generation',
    async (brokers) => {
      const { addOffsets, commitOffsets } = await openTransaction(brokers)
      const group = randomUUID()
      const member = await joined(brokers, group)
      expect(await addOffsets(group)).toBe(0)
      return { again: () => commitOffsets(group, member.memberId, member.generation - 1) }
    },
  ],
  [
    25,
    'positions from a member that is none',
    async (brokers) => {
      const { addOffsets, commitOffsets } = await openTransaction(brokers)
      const group = randomUUID()
      const member = await joined(brokers, group)
      expect(await addOffsets(group)).toBe(0)
      return { again: () => commitOffsets(group, 'a stranger', member.generation) }
    },
  ],
]
