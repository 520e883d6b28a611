/** A member that works as the runtime's worker does: reads, copies each record to the same partition of the output,
 * and fills the next transaction while the last one commits. */
import type { EventLog, Membership, ReadLimit, Share } from '../../../src/runtime/ports.ts'
import type { RecordBatch, RecordSink } from '../../../src/stages/records.ts'

export interface Copier {
  readonly membership: Membership
  /** Records in committed transactions. */
  copied(): number
}

export function startCopier(log: EventLog, group: string, input: string, output: string, limit: ReadLimit): Copier {
  let copied = 0
  async function run(share: Share): Promise<void> {
    const next = new Map(share.positions)
    let committing: Promise<void> = Promise.resolve()
    while (!share.ended.aborted) {
      const batches = await share.read(limit)
      if (batches.length === 0) break
      const transaction = share.begin()
      for (const batch of batches) {
        copy(batch, transaction.sink(output, batch.partition))
        next.set(batch.partition, batch.nextOffset)
      }
      const count = batches.reduce((sum, batch) => sum + batch.count, 0)
      await committing
      committing = transaction.commit(new Map(next)).then(() => {
        copied += count
      })
      committing.catch(() => undefined) // Awaited in the next round, or below.
    }
    await committing
  }
  return { membership: log.join(group, input, run), copied: () => copied }
}

function copy(batch: RecordBatch, sink: RecordSink): void {
  for (let i = 0; i < batch.count; i++) {
    const length = batch.valueLength[i]
    const at = sink.reserve(batch.bytes, batch.keyStart[i], batch.keyLength[i], length, batch.timestamp[i])
    batch.bytes.copy(sink.bytes, at, batch.valueStart[i], batch.valueStart[i] + length)
  }
}
