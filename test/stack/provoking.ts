/** Requests of ours that brokers refuse, each with what mends its cause. */
import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { fetchRecords } from '../../src/adapters/kafka/fetch-request.ts'
import { codeInside } from '../../src/adapters/kafka/kafka-errors.ts'
import { metadata } from '../../src/adapters/kafka/metadata-request.ts'
import { latest, listOffsets, offsetFetch } from '../../src/adapters/kafka/offset-requests.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  type ProducerIdentity,
  txnOffsetCommit,
} from '../../src/adapters/kafka/transaction-requests.ts'
import { RawMember, type RawMemberOptions } from './raw-member.ts'
import { ask, batchWith, deadline, newTopic, type StrictBrokers, write } from './strict-brokers.ts'

/** A request's verdict, asked for again and again, and what mends the cause where something can. */
export interface Provoked {
  readonly again: () => Promise<number>
  readonly mend?: () => unknown
}

export type Provocation = readonly [code: number, how: string, provoke: (brokers: StrictBrokers) => Promise<Provoked>]

export const initialise = async (brokers: StrictBrokers, id: string, timeoutMs = 10_000) =>
  ask(brokers, 'transaction', id, initProducerId(id, timeoutMs))

/** When what the id had open has ended. */
export function initialised(brokers: StrictBrokers, id: string, timeoutMs?: number): Promise<ProducerIdentity> {
  return vi.waitFor(async () => {
    const { error, ...who } = await initialise(brokers, id, timeoutMs)
    expect(error).toBe(0)
    return who
  }, deadline)
}

/** A transaction of a new id that has a record in a new topic. */
export async function openTransaction(brokers: StrictBrokers, timeoutMs = 10_000) {
  const topic = await newTopic(brokers)
  const id = randomUUID()
  const who = await initialised(brokers, id, timeoutMs)
  const steps = {
    topic,
    id,
    who,
    add: async (of: ProducerIdentity = who, name = topic) =>
      (await ask(brokers, 'transaction', id, addPartitionsToTxn(id, of, new Map([[name, [0]]])))).error,
    addOffsets: async (group: string) => (await ask(brokers, 'transaction', id, addOffsetsToTxn(id, who, group))).error,
    write: (sequence: number, of: ProducerIdentity = who) =>
      write(brokers, topic, batchWith({ who: of, sequence, transactional: true }), { id }),
    end: async (commit: boolean, of: ProducerIdentity = who) =>
      (await ask(brokers, 'transaction', id, endTxn(id, of, commit, 4))).error,
    commitOffsets: async (group: string, memberId: string, generation: number, position = 1) => {
      const commit = { group, memberId, generation, topic, positions: new Map([[0, position]]) }
      return (await ask(brokers, 'group', group, txnOffsetCommit(id, who, commit, 4))).error
    },
  }
  await vi.waitFor(async () => expect(await steps.add()).toBe(0), deadline)
  expect(await steps.write(0)).toBe(0)
  return steps
}

/** Over connections of its own. */
export async function memberOf(brokers: StrictBrokers, group: string, options?: RawMemberOptions): Promise<RawMember> {
  return new RawMember(await brokers.connect(), group, options)
}

/** In the group, by itself. */
export async function joined(brokers: StrictBrokers, group: string): Promise<RawMember> {
  const member = await memberOf(brokers, group)
  await vi.waitFor(async () => expect(await member.join()).toBe(0), deadline)
  return member
}

/** The code that kafkajs throws; 0 when it throws none. */
export async function thrown(work: Promise<unknown>): Promise<number> {
  try {
    await work
    return 0
  } catch (error) {
    const { errors } = error as { readonly errors?: readonly Error[] }
    const code = codeInside(errors?.[0] ?? error)
    if (code === null) throw error
    return code
  }
}

export async function describeTopic({ cluster }: StrictBrokers, topic: string): Promise<number> {
  return (await cluster.send(await cluster.anyNode(), lane.requests, metadata([topic]))).topicMetadata[0].topicErrorCode
}

export async function listEnd({ cluster }: StrictBrokers, topic: string, node: number): Promise<number> {
  return (await cluster.send(node, lane.requests, listOffsets(topic, [0], latest))).offsets[0].error
}

export async function fetchFrom({ cluster }: StrictBrokers, topic: string, node: number, offset = 0): Promise<number> {
  const limits = { maxWaitMs: 0, minBytes: 0, maxBytes: 1000 }
  const request = fetchRecords(topic, [{ partition: 0, offset, maxBytes: 1000 }], limits)
  return (await cluster.send(node, lane.fetches, request)).partitions[0].error
}

/** The verdict on the group, or on the one partition. */
export async function positionsOf(brokers: StrictBrokers, group: string, topic: string): Promise<number> {
  const { error, offsets } = await ask(brokers, 'group', group, offsetFetch(group, topic, [0], true))
  return error === 0 ? (offsets[0]?.error ?? 0) : error
}

const topicAlreadyExists = 36

/** The verdict on a topic that is to be made; kafkajs takes one that is there for no error. */
export function create({ admin }: StrictBrokers, topic: string, more: object = {}): Promise<number> {
  let isNew = true
  const spec = { topic, numPartitions: 1, replicationFactor: 1, ...more }
  const making = admin.createTopics({ waitForLeaders: false, topics: [spec] }).then((made) => {
    isNew = made
  })
  return thrown(making).then((code) => (isNew ? code : topicAlreadyExists))
}
