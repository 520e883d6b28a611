/** A request of Kafka's protocol as it passes by: what it asks for, who asks, and for which stage. */
import { Reader } from '../../src/adapters/kafka/wire.ts'

/** By API key; `flexibleFrom` is the first version in the protocol's newer notation. */
const known = new Map<number, { readonly api: string; readonly flexibleFrom: number }>([
  [0, { api: 'Produce', flexibleFrom: 9 }],
  [1, { api: 'Fetch', flexibleFrom: 12 }],
  [9, { api: 'OffsetFetch', flexibleFrom: 6 }],
  [11, { api: 'JoinGroup', flexibleFrom: 6 }],
  [12, { api: 'Heartbeat', flexibleFrom: 4 }],
  [13, { api: 'LeaveGroup', flexibleFrom: 4 }],
  [14, { api: 'SyncGroup', flexibleFrom: 4 }],
  [22, { api: 'InitProducerId', flexibleFrom: 2 }],
  [24, { api: 'AddPartitionsToTxn', flexibleFrom: 3 }],
  [25, { api: 'AddOffsetsToTxn', flexibleFrom: 3 }],
  [26, { api: 'EndTxn', flexibleFrom: 3 }],
  [28, { api: 'TxnOffsetCommit', flexibleFrom: 3 }],
])

export type Stage = 'score' | 'train'

export interface KafkaRequest {
  /** Its name in the protocol; null for the others, which no fault is aimed at. */
  readonly api: string | null
  /** The client id: the name of the process. */
  readonly client: string
  /** Null when it belongs to neither, as what a follower of the models reads. */
  readonly stage: Stage | null
  /** The transactional id that it is for, or the group; null for those that begin with neither. */
  readonly owner: string | null
  readonly correlationId: number
}

/** `frame`: the whole request with the length before it. */
export function recognise(frame: Buffer): KafkaRequest {
  const header = new Reader(frame.subarray(4), false)
  const [key, version, correlationId] = [header.int16(), header.int16(), header.int32()]
  const client = header.string() ?? ''
  const found = known.get(key)
  if (found === undefined) return { api: null, client, stage: null, owner: null, correlationId }
  const body = new Reader(frame.subarray(4 + header.at), version >= found.flexibleFrom)
  body.tags()
  if (found.api === 'Fetch') {
    return { api: found.api, client, stage: stageOfTopic(firstTopic(body)), owner: null, correlationId }
  }
  const owner = body.string()
  return { api: found.api, client, stage: stageOfOwner(owner), owner, correlationId }
}

/** All but Fetch begin with the group or the transactional id, which ends in the group and the turn. */
function stageOfOwner(owner: string | null): Stage | null {
  if (owner === null) return null
  return /\.train(-[ab])?$/.test(owner) ? 'train' : 'score'
}

function firstTopic(body: Reader): string | null {
  for (let i = 0; i < 4; i++) body.int32()
  body.int8()
  body.int32()
  body.int32()
  let first: string | null = null
  const count = body.flexible ? body.uvarint() - 1 : body.int32()
  if (count > 0) first = body.string()
  return first
}

function stageOfTopic(topic: string | null): Stage | null {
  if (topic === null || topic.endsWith('.models')) return null
  return topic.endsWith('.model-updates') ? 'train' : 'score'
}
