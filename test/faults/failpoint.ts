/**
 * A place in the protocol at which a process can be struck: `score:after:EndTxn` is the moment at which the broker has
 * a score worker's EndTxn and the worker does not yet have the answer.
 */
import type { Stage } from './kafka-request.ts'
import type { Passing, When } from './wire.ts'

export interface Failpoint {
  readonly stage: Stage
  readonly when: When
  readonly api: string
}

/** What a worker asks for again and again. */
const recurring = ['Fetch', 'Produce', 'TxnOffsetCommit', 'EndTxn', 'Heartbeat']
/** What it asks for when its group changes, so that such a change has to be provoked. */
const ofRebalances = ['JoinGroup', 'SyncGroup', 'InitProducerId', 'OffsetFetch', 'LeaveGroup']
/** Only where partitions and offsets do not join a transaction by being written (before Kafka 4). */
const ofTransactionVersion1 = ['AddPartitionsToTxn', 'AddOffsetsToTxn']

/**
 * Those at which most is undecided: the run in short never leaves them out. Two more, `score:before:EndTxn` and
 * `score:after:TxnOffsetCommit`, are struck by the scenarios of late requests and of aborted input.
 */
export const mostDangerous: readonly string[] = [
  'score:after:Produce',
  'score:after:EndTxn',
  'train:before:EndTxn',
  'train:after:EndTxn',
]

/** Every one that the protocol has with this broker. */
export function allFailpoints(transactionVersion: 1 | 2): readonly string[] {
  const apis = [...recurring, ...ofRebalances, ...(transactionVersion === 1 ? ofTransactionVersion1 : [])]
  const stages: readonly Stage[] = ['score', 'train']
  return stages.flatMap((stage) => apis.flatMap((api) => [`${stage}:before:${api}`, `${stage}:after:${api}`]))
}

export function failpoint(name: string): Failpoint {
  const [stage, when, api] = name.split(':')
  const isStage = stage === 'score' || stage === 'train'
  const isWhen = when === 'before' || when === 'after'
  const isApi = [...recurring, ...ofRebalances, ...ofTransactionVersion1].includes(api)
  if (!isStage || !isWhen || !isApi)
    throw new Error(`a failpoint must be <stage>:<before|after>:<Request>: got ${name}`)
  return { stage, when, api }
}

export const isAt =
  ({ stage, when, api }: Failpoint) =>
  (passing: Passing): boolean =>
    passing.stage === stage && passing.when === when && passing.api === api

export const needsRebalance = ({ api }: Failpoint): boolean => ofRebalances.includes(api)
