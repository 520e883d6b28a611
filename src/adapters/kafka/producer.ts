/** Sends finished batches to the leaders of their partitions, each until it is acknowledged by all replicas. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Clock } from '../../runtime/ports.ts'
import { brokerError } from './broker-errors.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import type { OutputRound } from './output-set.ts'
import { type Outcome, persist } from './persistence.ts'
import { produce } from './produce-request.ts'
import type { Sequences } from './sequences.ts'
import type { ProducerIdentity } from './transaction-requests.ts'

const maxRequestBytes = 50 * 1024 * 1024
const duplicateSequence = 46

type Outgoing = OutputRound['batches'][number]

export interface ProduceContext {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly transactionalId: string | null
  readonly who: ProducerIdentity
  readonly sequences: Sequences
  /** 11, or 12 where writing joins the transaction. */
  readonly version: number
  readonly deadlineMs: number
}

/** One round after another, so that a partition's batches arrive in the order of their sequence numbers. */
export async function produceRounds(rounds: readonly OutputRound[], context: ProduceContext): Promise<void> {
  const { sequences, who } = context
  for (const { batches } of rounds) {
    for (const { output, batch } of batches) batch.stamp(who, sequences.next(output.topic, output.partition))
    await produceRound(batches, context)
    for (const { output, batch } of batches) sequences.advance(output.topic, output.partition, batch.count)
  }
}

/**
 * Repeats the batches that were not acknowledged. The bytes are the same each time, so a batch whose answer was
 * lost is recognised by its sequence number and acknowledged without being written twice.
 */
async function produceRound(batches: readonly Outgoing[], context: ProduceContext): Promise<void> {
  const { cluster, clock, deadlineMs } = context
  await cluster.know([...new Set(batches.map(({ output }) => output.topic))])
  const left = new Set(batches)
  const attempt = async (): Promise<Outcome> => {
    const requests = requestsFor(left, cluster)
    const answers = await Promise.allSettled(requests.map(([node, part]) => send(node, part, context)))
    const verdicts = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    for (const { outgoing, error } of verdicts) if (error === 0) left.delete(outgoing)
    const refused = verdicts.filter(({ error }) => error !== 0)
    const worst = refused.find(({ error }) => brokerError(error).again === 'never') ?? refused[0]
    if (worst !== undefined) return worst
    const lost = answers.find((answer) => answer.status === 'rejected')
    if (lost !== undefined) throw lost.reason
    return { error: 0 }
  }
  await persist('writing records', attempt, { clock, deadlineMs, lookUp: () => cluster.refresh() })
}

/** By leader, and so that no request grows beyond what a broker takes. */
function requestsFor(
  batches: Iterable<Outgoing>,
  cluster: Cluster,
): readonly (readonly [number, readonly Outgoing[]])[] {
  const requests: [number, Outgoing[]][] = []
  const filling = new Map<number, { readonly part: Outgoing[]; bytes: number }>()
  for (const outgoing of batches) {
    const { topic, partition } = outgoing.output
    const node = cluster.leader(topic, partition)
    if (node === null) throw new ShoalError('log.unavailable', `partition ${partition} of ${topic} has no leader`)
    const { length } = outgoing.batch.bytes
    let request = filling.get(node)
    if (request === undefined || request.bytes + length > maxRequestBytes) {
      request = { part: [], bytes: 0 }
      filling.set(node, request)
      requests.push([node, request.part])
    }
    request.part.push(outgoing)
    request.bytes += length
  }
  return requests
}

interface Verdict extends Outcome {
  readonly outgoing: Outgoing
}

/** What the broker says of each batch of one request. */
async function send(node: number, batches: readonly Outgoing[], context: ProduceContext): Promise<readonly Verdict[]> {
  const { cluster, clock, transactionalId, version, deadlineMs } = context
  const timeoutMs = Math.max(1000, deadlineMs - clock.now())
  const sent = batches.map(({ output, batch }) => ({
    topic: output.topic,
    partition: output.partition,
    bytes: batch.bytes,
  }))
  const { partitions } = await cluster.send(node, lane.records, produce(transactionalId, sent, timeoutMs, version))
  const answers = new Map(partitions.map((answer) => [`${answer.partition} ${answer.topic}`, answer]))
  return batches.map((outgoing) => {
    const { topic, partition } = outgoing.output
    const where = `${outgoing.batch.bytes.length} bytes for partition ${partition} of ${topic}`
    const answer = answers.get(`${partition} ${topic}`)
    if (answer === undefined) throw new ShoalError('log.unavailable', `broker ${node} says nothing of ${where}`)
    // The batch is there already: an earlier attempt's answer was lost.
    if (answer.error === 0 || answer.error === duplicateSequence) return { outgoing, error: 0 }
    return { outgoing, error: answer.error, detail: answer.message === null ? where : `${where}: ${answer.message}` }
  })
}
