/** Sends finished batches to the leaders of their partitions, each until it is acknowledged by all replicas. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Clock } from '../../runtime/ports.ts'
import { brokerError, refusal } from './broker-errors.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import type { OutputRound } from './output-set.ts'
import { persist } from './persistence.ts'
import { produce } from './produce-request.ts'
import type { ProducerIdentity } from './transaction-requests.ts'

const maxRequestBytes = 50 * 1024 * 1024
const sequences = 2 ** 31
const duplicateSequence = 46

type Outgoing = OutputRound['batches'][number]

export interface ProduceContext {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly transactionalId: string | null
  readonly who: ProducerIdentity
  /** 11, or 12 where writing joins the transaction. */
  readonly version: number
  readonly deadlineMs: number
}

/** One round after another, so that a partition's batches arrive in the order of their sequence numbers. */
export async function produceRounds(rounds: readonly OutputRound[], context: ProduceContext): Promise<void> {
  for (const { batches } of rounds) {
    for (const { output, batch } of batches) batch.stamp(context.who, output.sequence)
    await produceRound(batches, context)
    for (const { output, batch } of batches) output.sequence = (output.sequence + batch.count) % sequences
  }
}

/**
 * Repeats the batches that were not acknowledged. The bytes are the same each time, so a batch whose answer was
 * lost is recognised by its sequence number and acknowledged without being written twice.
 */
async function produceRound(batches: readonly Outgoing[], context: ProduceContext): Promise<void> {
  const { cluster, clock, deadlineMs } = context
  let left = batches
  await cluster.know([...new Set(batches.map(({ output }) => output.topic))])
  await persist(
    'writing records',
    async () => {
      const answers = await Promise.allSettled(
        requestsFor(left, cluster).map(([node, part]) => send(node, part, context)),
      )
      const failed: Outgoing[] = []
      let error = 0
      for (const answer of answers) {
        // A request that got no answer leaves its batches in `left`: which they are is known by who did answer.
        if (answer.status === 'fulfilled') {
          for (const [outgoing, code] of answer.value) {
            if (code === 0) continue
            failed.push(outgoing)
            if (error === 0 || brokerError(code).again === 'never') error = code
          }
        }
      }
      const answered = new Set(
        answers.flatMap((a) => (a.status === 'fulfilled' ? a.value.map(([outgoing]) => outgoing) : [])),
      )
      left = [...failed, ...left.filter((outgoing) => !answered.has(outgoing))]
      const lost = answers.find((a) => a.status === 'rejected')
      if (error === 0 && lost !== undefined) throw lost.reason
      return { error }
    },
    { clock, deadlineMs, lookUp: () => cluster.refresh() },
  )
}

/** By leader, and so that no request grows beyond what a broker takes. */
function requestsFor(
  batches: readonly Outgoing[],
  cluster: Cluster,
): readonly (readonly [number, readonly Outgoing[]])[] {
  const requests: [number, Outgoing[]][] = []
  const sizes = new Map<Outgoing[], number>()
  for (const outgoing of batches) {
    const { topic, partition } = outgoing.output
    const node = cluster.leader(topic, partition)
    if (node === null) throw new ShoalError('log.unavailable', `partition ${partition} of ${topic} has no leader`)
    const bytes = outgoing.batch.bytes.length
    let request = requests.find(([n, list]) => n === node && (sizes.get(list) ?? 0) + bytes <= maxRequestBytes)
    if (request === undefined) {
      request = [node, []]
      requests.push(request)
    }
    request[1].push(outgoing)
    sizes.set(request[1], (sizes.get(request[1]) ?? 0) + bytes)
  }
  return requests
}

/** The batches of one request, each with the broker's verdict. */
async function send(
  node: number,
  batches: readonly Outgoing[],
  context: ProduceContext,
): Promise<readonly (readonly [Outgoing, number])[]> {
  const { cluster, clock, transactionalId, version, deadlineMs } = context
  const timeoutMs = Math.max(1000, deadlineMs - clock.now())
  const request = produce(
    transactionalId,
    batches.map(({ output, batch }) => ({ topic: output.topic, partition: output.partition, bytes: batch.bytes })),
    timeoutMs,
    version,
  )
  const { partitions } = await cluster.send(node, lane.requests, request)
  const verdicts = new Map(partitions.map((p) => [`${p.partition} ${p.topic}`, p]))
  return batches.map((outgoing) => {
    const { topic, partition } = outgoing.output
    const verdict = verdicts.get(`${partition} ${topic}`)
    if (verdict === undefined)
      throw new ShoalError(
        'log.unavailable',
        `writing to partition ${partition} of ${topic}: broker ${node} does not mention it`,
      )
    const { error, message } = verdict
    // The batch is there already: an earlier attempt's answer was lost.
    if (error === 0 || error === duplicateSequence) return [outgoing, 0]
    if (brokerError(error).again === 'never')
      throw refusal(
        error,
        `writing ${outgoing.batch.bytes.length} bytes to partition ${partition} of ${topic}`,
        message,
      )
    return [outgoing, error]
  })
}
