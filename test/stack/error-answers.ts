/**
 * Answers that a broker could have given: to a request as it came over the wire, in its version, with an error in it.
 * Written from Kafka's message definitions, for the versions that Shoal and kafkajs ask in; any other is refused, so
 * that a request that is new or newer does not go untested.
 */
import { Reader, Writer } from '../../src/adapters/kafka/wire.ts'

/** Where in the answer the error stands: in every place for one, or in the first partition that was asked about. */
export type Where = 'all' | 'first'

/** Writes an answer's body from the request's. `of` gives the error of the nth partition. */
type Fabricate = (request: Reader, answer: Writer, version: number, error: number, of: (nth: number) => number) => void

interface Form {
  readonly name: string
  readonly versions: readonly [lowest: number, highest: number]
  readonly flexibleFrom: number
  readonly fabricate: Fabricate
}

const operationNotAttempted = 55

const forms: Readonly<Record<number, Form>> = {
  0: { name: 'Produce', versions: [9, 12], flexibleFrom: 9, fabricate: produce },
  1: { name: 'Fetch', versions: [11, 11], flexibleFrom: 12, fabricate: fetched },
  2: { name: 'ListOffsets', versions: [5, 5], flexibleFrom: 6, fabricate: listOffsets },
  9: { name: 'OffsetFetch', versions: [7, 7], flexibleFrom: 6, fabricate: offsetFetch },
  10: { name: 'FindCoordinator', versions: [1, 3], flexibleFrom: 3, fabricate: findCoordinator },
  11: { name: 'JoinGroup', versions: [2, 5], flexibleFrom: 6, fabricate: joinGroup },
  12: { name: 'Heartbeat', versions: [1, 3], flexibleFrom: 4, fabricate: throttleAndError },
  14: { name: 'SyncGroup', versions: [1, 3], flexibleFrom: 4, fabricate: syncGroup },
  22: { name: 'InitProducerId', versions: [2, 4], flexibleFrom: 2, fabricate: initProducerId },
  24: { name: 'AddPartitionsToTxn', versions: [3, 3], flexibleFrom: 3, fabricate: addPartitions },
  25: { name: 'AddOffsetsToTxn', versions: [3, 3], flexibleFrom: 3, fabricate: throttleAndError },
  26: { name: 'EndTxn', versions: [3, 5], flexibleFrom: 3, fabricate: endTxn },
  28: { name: 'TxnOffsetCommit', versions: [3, 5], flexibleFrom: 3, fabricate: txnOffsetCommit },
}

/** The whole frame of an answer to `request`, which is a whole frame too. */
export function errorAnswer(request: Buffer, error: number, where: Where, isDone: boolean): Buffer {
  const [key, version] = [request.readInt16BE(4), request.readInt16BE(6)]
  const form = forms[key]
  if (form === undefined || version < form.versions[0] || version > form.versions[1])
    throw new Error(`an answer to request ${key} must be known in version ${version}: it is not`)
  const flexible = version >= form.flexibleFrom
  const answer = new Writer(flexible)
  answer.int32(0).int32(request.readInt32BE(8)).tags()
  // What the others are told: that all is well, or, where nothing is done unless all of it can be, that it was not tried.
  const rest = isDone || form.name !== 'AddPartitionsToTxn' ? 0 : operationNotAttempted
  const of = (nth: number) => (where === 'all' || nth === 0 ? error : rest)
  form.fabricate(bodyOf(request, flexible), answer, version, error, of)
  answer.tags()
  answer.setInt32(0, answer.length - 4)
  return Buffer.from(answer.view())
}

/** The request's body; the client id before it keeps the old notation always. */
function bodyOf(request: Buffer, flexible: boolean): Reader {
  const body = new Reader(request, flexible)
  body.at = 14 + Math.max(0, request.readInt16BE(12))
  body.tags()
  return body
}

/** The same topics and partitions in the answer as in the request; `read` and `write` deal with one partition. */
function perPartition(request: Reader, answer: Writer, read: () => number, write: (partition: number) => void): void {
  const topics = request.array((t) => {
    const topic = { name: t.string(), partitions: t.array(read) }
    t.tags()
    return topic
  })
  answer.array(topics.length)
  for (const { name, partitions } of topics) {
    answer.string(name).array(partitions.length)
    for (const partition of partitions) {
      write(partition)
      answer.tags()
    }
    answer.tags()
  }
}

function produce(request: Reader, answer: Writer, _: number, __: number, of: (nth: number) => number): void {
  request.string()
  request.at += 6
  const read = () => {
    const partition = request.int32()
    request.bytesField()
    request.tags()
    return partition
  }
  let nth = 0
  perPartition(request, answer, read, (partition) => {
    answer.int32(partition).int16(of(nth++)).int64(-1).int64(-1).int64(-1).array(0).string(null)
  })
  answer.int32(0)
}

function fetched(request: Reader, answer: Writer, _: number, __: number, of: (nth: number) => number): void {
  request.at += 4 + 4 + 4 + 4 + 1 + 4 + 4
  answer.int32(0).int16(0).int32(0)
  const read = () => {
    const partition = request.int32()
    request.at += 4 + 8 + 8 + 4
    return partition
  }
  let nth = 0
  perPartition(request, answer, read, (partition) => {
    answer.int32(partition).int16(of(nth++)).int64(-1).int64(-1).int64(-1).int32(-1).int32(-1).int32(0)
  })
}

function listOffsets(request: Reader, answer: Writer, _: number, error: number): void {
  request.at += 5
  answer.int32(0)
  const read = () => {
    const partition = request.int32()
    request.at += 4 + 8
    return partition
  }
  perPartition(request, answer, read, (partition) => {
    answer.int32(partition).int16(error).int64(-1).int64(-1).int32(-1)
  })
}

/** The error of the whole group, beside partitions without any: brokers give it either way. */
function offsetFetch(request: Reader, answer: Writer, _: number, error: number): void {
  request.string()
  answer.int32(0)
  perPartition(
    request,
    answer,
    () => request.int32(),
    (partition) => {
      answer.int32(partition).int64(-1).int32(-1).string('').int16(error)
    },
  )
  answer.int16(error === unstableOffsetCommit ? 0 : error)
}

const unstableOffsetCommit = 88

function findCoordinator(_: Reader, answer: Writer, __: number, error: number): void {
  answer.int32(0).int16(error).string(null).int32(-1).string('').int32(-1)
}

function joinGroup(_: Reader, answer: Writer, __: number, error: number): void {
  answer.int32(0).int16(error).int32(-1).string('').string('').string('').array(0)
}

function syncGroup(_: Reader, answer: Writer, __: number, error: number): void {
  answer.int32(0).int16(error).int32(0)
}

function throttleAndError(_: Reader, answer: Writer, __: number, error: number): void {
  answer.int32(0).int16(error)
}

function initProducerId(_: Reader, answer: Writer, __: number, error: number): void {
  answer.int32(0).int16(error).int64(-1).int16(-1)
}

function addPartitions(request: Reader, answer: Writer, _: number, __: number, of: (nth: number) => number): void {
  request.string()
  request.at += 10
  answer.int32(0)
  let nth = 0
  perPartition(
    request,
    answer,
    () => request.int32(),
    (partition) => {
      answer.int32(partition).int16(of(nth++))
    },
  )
}

function endTxn(_: Reader, answer: Writer, version: number, error: number): void {
  answer.int32(0).int16(error)
  if (version >= 5) answer.int64(-1).int16(-1)
}

function txnOffsetCommit(request: Reader, answer: Writer, _: number, __: number, of: (nth: number) => number): void {
  request.string()
  request.string()
  request.at += 8 + 2 + 4
  request.string()
  request.string()
  answer.int32(0)
  const read = () => {
    const partition = request.int32()
    request.at += 8 + 4
    request.string()
    request.tags()
    return partition
  }
  let nth = 0
  perPartition(request, answer, read, (partition) => {
    answer.int32(partition).int16(of(nth++))
  })
}
