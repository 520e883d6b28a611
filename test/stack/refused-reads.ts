/** What brokers refuse to readers, to members of groups and to makers of topics, and what mends it. */
import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { findCoordinator } from '../../src/adapters/kafka/offset-requests.ts'
import { create, describeTopic, fetchFrom, joined, listEnd, memberOf, type Provocation } from './provoking.ts'
import { RawMember } from './raw-member.ts'
import { deadline, forbidden, newTopic } from './strict-brokers.ts'

export const refusedOfAReader: readonly Provocation[] = [
  [
    1,
    'a fetch beyond the end',
    async (brokers) => {
      const topic = await newTopic(brokers)
      return { again: () => fetchFrom(brokers, topic, 1, 7) }
    },
  ],
  [
    3,
    'a fetch from a topic that is not there',
    async (brokers) => {
      const topic = randomUUID()
      return { again: () => fetchFrom(brokers, topic, 1), mend: () => newTopic(brokers, {}, topic) }
    },
  ],
  [
    3,
    'a description of a topic that is not there',
    async (brokers) => {
      const topic = randomUUID()
      return { again: () => describeTopic(brokers, topic), mend: () => newTopic(brokers, {}, topic) }
    },
  ],
  [
    17,
    'a description of a topic that cannot be',
    async (brokers) => ({ again: () => describeTopic(brokers, 'not a name') }),
  ],
  [29, 'a fetch that is forbidden', async (brokers) => ({ again: () => fetchFrom(brokers, forbidden, 1) })],
  [
    29,
    'a question for offsets that is forbidden',
    async (brokers) => ({ again: () => listEnd(brokers, forbidden, 1) }),
  ],
  [29, 'a description that is forbidden', async (brokers) => ({ again: () => describeTopic(brokers, forbidden) })],
  [
    30,
    'the look-up of a coordinator that is forbidden',
    async ({ cluster }) => ({
      again: async () => (await cluster.send(1, lane.requests, findCoordinator('group', forbidden))).error,
    }),
  ],
  [
    53,
    'the look-up of a coordinator of an id that is forbidden',
    async ({ cluster }) => ({
      again: async () => (await cluster.send(1, lane.requests, findCoordinator('transaction', forbidden))).error,
    }),
  ],
]

export const refusedOfAMember: readonly Provocation[] = [
  [
    22,
    'a heartbeat of an earlier generation',
    async (brokers) => {
      const groupId = randomUUID()
      const member = await joined(brokers, groupId)
      return { again: () => member.heartbeat(0) }
    },
  ],
  [
    25,
    'a heartbeat of a member that is none',
    async (brokers) => {
      const groupId = randomUUID()
      const member = await joined(brokers, groupId)
      return { again: () => member.heartbeat(member.generation, 'a stranger') }
    },
  ],
  [
    27,
    'a heartbeat while another member joins',
    async (brokers) => {
      const groupId = randomUUID()
      const first = await joined(brokers, groupId)
      const second = await memberOf(brokers, groupId)
      second.join().catch(() => undefined) // Nobody waits for it: the first does not come to the rebalance.
      const beat = () => first.heartbeat()
      await vi.waitFor(async () => expect(await beat()).toBe(27), deadline)
      return { again: beat }
    },
  ],
  [
    23,
    'a member that shares partitions out in another way',
    async (brokers) => {
      const groupId = randomUUID()
      await joined(brokers, groupId)
      const other = await memberOf(brokers, groupId, { assignor: 'another way' })
      return { again: () => other.join() }
    },
  ],
  [
    24,
    'a group without a name',
    async (brokers) => {
      const nameless = new RawMember(await brokers.connect(), '', { coordinator: 1 })
      return { again: () => nameless.join() }
    },
  ],
  [
    26,
    'a session that is shorter than the broker allows',
    async (brokers) => {
      const member = await memberOf(brokers, randomUUID(), { sessionTimeoutMs: 1 })
      await vi.waitFor(async () => expect(await member.join()).toBe(26), deadline)
      return { again: () => member.join() }
    },
  ],
  [
    81,
    'a member more than a group may have',
    async (brokers) => {
      const group = randomUUID()
      const first = await joined(brokers, group)
      const second = await memberOf(brokers, group)
      const joining = second.join()
      await vi.waitFor(async () => expect(await first.heartbeat()).toBe(27), deadline)
      await Promise.all([first.join(), joining])
      const third = await memberOf(brokers, group)
      return { again: () => third.join() }
    },
  ],
  [
    30,
    'a member of a group that is not ours',
    async (brokers) => {
      const unwelcome = new RawMember(await brokers.connect(), forbidden, { coordinator: 1 })
      return { again: () => unwelcome.join() }
    },
  ],
]

export const refusedTopics: readonly Provocation[] = [
  [17, 'the making of a topic that cannot be', async (brokers) => ({ again: () => create(brokers, 'not a name') })],
  [36, 'the making of a topic that is there', async (brokers) => ({ again: () => create(brokers, forbidden) })],
  [
    37,
    'the making of a topic without partitions',
    async (brokers) => ({ again: () => create(brokers, randomUUID(), { numPartitions: 0 }) }),
  ],
  [
    38,
    'more replicas than there are brokers',
    async (brokers) => ({ again: () => create(brokers, randomUUID(), { replicationFactor: 3 }) }),
  ],
  [
    40,
    'a setting that cannot be',
    async (brokers) => ({
      again: () => create(brokers, randomUUID(), { configEntries: [{ name: 'retention.ms', value: 'long' }] }),
    }),
  ],
  [
    44,
    'more partitions at once than a controller makes',
    async (brokers) => ({ again: () => create(brokers, randomUUID(), { numPartitions: 20_000 }) }),
  ],
]
