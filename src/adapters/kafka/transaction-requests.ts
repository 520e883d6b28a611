/** Requests of the transaction protocol (KIP-98, KIP-360, KIP-447, KIP-890). */
import type { Answer, Exchange } from './api.ts'
import type { Reader } from './wire.ts'

/** A transactional id as the coordinator knows it now. */
export interface ProducerIdentity {
  readonly producerId: bigint
  readonly epoch: number
}

export interface ErrorAnswer extends Answer {
  readonly error: number
}

export function initProducerId(
  transactionalId: string | null,
  timeoutMs: number,
): Exchange<ErrorAnswer & ProducerIdentity> {
  return {
    api: 'InitProducerId',
    write: (body) => {
      body.string(transactionalId).int32(timeoutMs).int64(-1).int16(-1).tags()
      return undefined
    },
    read: (answer) => ({
      throttleMs: answer.int32(),
      error: answer.int16(),
      producerId: answer.int64(),
      epoch: answer.int16(),
    }),
  }
}

/** Partitions by topic. */
export type PartitionsByTopic = ReadonlyMap<string, readonly number[]>

export function addPartitionsToTxn(
  id: string,
  who: ProducerIdentity,
  partitions: PartitionsByTopic,
): Exchange<ErrorAnswer> {
  return {
    api: 'AddPartitionsToTxn',
    write: (body) => {
      body.string(id).int64(who.producerId).int16(who.epoch).array(partitions.size)
      for (const [topic, numbers] of partitions) {
        body.string(topic).array(numbers.length)
        for (const number of numbers) body.int32(number)
        body.tags()
      }
      body.tags()
      return undefined
    },
    read: decisiveAnswer,
  }
}

export function addOffsetsToTxn(id: string, who: ProducerIdentity, group: string): Exchange<ErrorAnswer> {
  return {
    api: 'AddOffsetsToTxn',
    write: (body) => {
      body.string(id).int64(who.producerId).int16(who.epoch).string(group).tags()
      return undefined
    },
    read: (answer) => ({ throttleMs: answer.int32(), error: answer.int16() }),
  }
}

export interface OffsetCommit {
  readonly group: string
  readonly memberId: string
  readonly generation: number
  readonly topic: string
  readonly positions: ReadonlyMap<number, number>
}

export function txnOffsetCommit(
  id: string,
  who: ProducerIdentity,
  commit: OffsetCommit,
  highest: number,
): Exchange<ErrorAnswer> {
  return {
    api: 'TxnOffsetCommit',
    highest,
    write: (body) => {
      body.string(id).string(commit.group).int64(who.producerId).int16(who.epoch)
      // Member and generation are what lets the coordinator refuse a zombie (KIP-447).
      body.int32(commit.generation).string(commit.memberId).string(null)
      body.array(1).string(commit.topic).array(commit.positions.size)
      for (const [partition, offset] of commit.positions)
        body.int32(partition).int64(offset).int32(-1).string('').tags()
      body.tags().tags()
      return undefined
    },
    read: decisiveAnswer,
  }
}

/** Version 5 answers with the identity for the next transaction; older ones leave it as it was. */
export function endTxn(
  id: string,
  who: ProducerIdentity,
  commit: boolean,
  highest: number,
): Exchange<ErrorAnswer & ProducerIdentity> {
  return {
    api: 'EndTxn',
    highest,
    write: (body) => {
      body
        .string(id)
        .int64(who.producerId)
        .int16(who.epoch)
        .int8(commit ? 1 : 0)
        .tags()
      return undefined
    },
    read: (answer, version) => {
      const throttleMs = answer.int32()
      const error = answer.int16()
      if (version < 5 || error !== 0) return { throttleMs, error, ...who }
      const producerId = answer.int64()
      const epoch = answer.int16()
      return producerId < 0n ? { throttleMs, error, ...who } : { throttleMs, error, producerId, epoch }
    },
  }
}

/** An error for each partition of each topic, as the one that decides. */
function decisiveAnswer(answer: Reader): ErrorAnswer {
  const throttleMs = answer.int32()
  const errors: number[] = []
  answer.array((topic) => {
    topic.string()
    topic.array((partition) => {
      partition.int32()
      errors.push(partition.int16())
      partition.tags()
    })
    topic.tags()
  })
  return { throttleMs, error: decisive(errors) }
}

/** The error that decides when partitions answer differently: OPERATION_NOT_ATTEMPTED (55) only echoes another's. */
function decisive(errors: readonly number[]): number {
  const failed = errors.filter((error) => error !== 0)
  return failed.find((error) => error !== 55) ?? failed[0] ?? 0
}
