/** Produce: batches of several partitions, sent from the memory they were written in. */
import type { Answer, Exchange } from './api.ts'
import type { Writer } from './wire.ts'

export interface ProduceBatch {
  readonly topic: string
  readonly partition: number
  readonly bytes: Buffer
}

interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  readonly error: number
  readonly message: string | null
}

const acksOfAll = -1

/**
 * Exactly one batch per partition. `highest` of 11 is the way of transaction.version 1; with 12 a partition joins
 * the transaction by being written.
 */
export function produce(
  transactionalId: string | null,
  batches: readonly ProduceBatch[],
  timeoutMs: number,
  highest: number,
): Exchange<Answer & { readonly partitions: readonly ProducedPartition[] }> {
  return {
    api: 'Produce',
    highest,
    write: (body) => {
      body.string(transactionalId).int16(acksOfAll).int32(timeoutMs)
      return interleave(body, batches)
    },
    read: (answer, version) => {
      const partitions: ProducedPartition[] = []
      answer.array((t) => {
        const topic = t.string() ?? ''
        t.array((p) => {
          const partition = p.int32()
          const error = p.int16()
          p.number64()
          p.number64()
          p.number64()
          p.array((e) => {
            e.int32()
            e.string()
            e.tags()
          })
          const message = p.string()
          p.tags()
          partitions.push({ topic, partition, error, message })
        })
        t.tags()
      })
      const throttleMs = answer.int32()
      if (version >= 9) answer.tags()
      return { throttleMs, partitions }
    },
  }
}

/** Writes what stands around the batches, and returns it in pieces with the batches between. */
function interleave(body: Writer, batches: readonly ProduceBatch[]): readonly Buffer[] {
  const byTopic = Map.groupBy(batches, (batch) => batch.topic)
  body.array(byTopic.size)
  // Where in the body each batch belongs; views are taken at the end, because writing may move the memory.
  const places: { readonly at: number; readonly bytes: Buffer }[] = []
  for (const [topic, partitions] of byTopic) {
    body.string(topic).array(partitions.length)
    for (const { partition, bytes } of partitions) {
      body.int32(partition).bytesLength(bytes.length)
      places.push({ at: body.length, bytes })
      body.tags()
    }
    body.tags()
  }
  body.tags()
  const pieces: Buffer[] = [body.view().subarray(0, places[0]?.at ?? body.length)]
  for (const [i, { at, bytes }] of places.entries()) {
    pieces.push(bytes, body.view(at).subarray(0, (places[i + 1]?.at ?? body.length) - at))
  }
  return pieces
}
