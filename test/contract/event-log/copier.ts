/** A member that works as the runtime's worker does: it copies each record to the same partition of the output, and
 * fills the next transaction while the last one commits. */
import type { EventLog, Membership, Share } from '../../../src/runtime/ports.ts'
import type { RecordBatch, RecordSink } from '../../../src/stages/records.ts'

export class Copier {
  readonly membership: Membership
  readonly #output: string
  /** Records in committed transactions. */
  copied = 0
  /** How many it was given. */
  shares = 0
  #allowed = 0
  /** Wakes the run that waits to be allowed more. */
  #more: () => void = () => undefined

  constructor(log: EventLog, group: string, input: string, output: string) {
    this.#output = output
    this.membership = log.join(group, input, (share) => this.#run(share))
  }

  /** It may copy about so many records, over all its shares. */
  allow(records: number): void {
    this.#allowed = records
    this.#more()
  }

  async #run(share: Share): Promise<void> {
    this.shares++
    let taken = this.copied
    let committing: Promise<void> = Promise.resolve()
    while (!share.ended.aborted) {
      if (taken >= this.#allowed) {
        await this.#allowedMore(share.ended)
        continue
      }
      const batches = await share.read({ maxEvents: 100, maxBytes: 1_000_000 })
      if (batches.length === 0) continue
      const count = batches.reduce((sum, batch) => sum + batch.count, 0)
      taken += count
      const transaction = share.begin()
      for (const batch of batches) copy(batch, transaction.sink(this.#output, batch.partition))
      const next = new Map(batches.map(({ partition, nextOffset }) => [partition, nextOffset]))
      await committing
      committing = transaction.commit(next).then(() => {
        this.copied += count
      })
      committing.catch(() => undefined) // Awaited in the next round, or below.
    }
    await committing
  }

  #allowedMore(ended: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#more = resolve
      ended.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

function copy(batch: RecordBatch, sink: RecordSink): void {
  for (let i = 0; i < batch.count; i++) {
    const length = batch.valueLength[i]
    const at = sink.reserve(batch.bytes, batch.keyStart[i], batch.keyLength[i], length, batch.timestamp, i)
    batch.bytes.copy(sink.bytes, at, batch.valueStart[i], batch.valueStart[i] + length)
  }
}
