/** Batches whose schemas are not known yet: the partitions that need them wait, and no others. */
import type { RecordBatch } from '../stages/records.ts'
import { ShoalError } from './errors.ts'
import { unlessAborted } from './interruption.ts'
import type { Share } from './ports.ts'
import { resolveIds, type SchemaSource } from './schemas.ts'

/** A registry that is there answers within it; the partitions that need nothing of it are held up no longer. */
const promptMs = 1_000
/** An id that the registry did not have may have been registered since. */
const unknownForMs = 60_000

/**
 * Nothing is kept in memory: a partition that waits is paused where the batch began, so that it can also go to another
 * member meanwhile, and what waits is read again.
 */
export class SchemaWaits {
  private readonly source: SchemaSource
  private readonly share: Share
  /** Partitions whose wait has just ended: their next batch gets all the time that it needs, so that they get on. */
  private readonly patient = new Set<number>()
  private forgottenMs: number

  constructor(source: SchemaSource, share: Share) {
    this.source = source
    this.share = share
    this.forgottenMs = source.clock.now()
  }

  /** Those of the batches that can be read now. */
  async readable(batches: readonly RecordBatch[]): Promise<readonly RecordBatch[]> {
    const { projection, clock } = this.source
    if (clock.now() - this.forgottenMs >= unknownForMs) {
      projection.forgetUnknown()
      this.forgottenMs = clock.now()
    }
    const prompt = new AbortController()
    let over: AbortController | null = null
    const readable: RecordBatch[] = []
    const paused = new Set<number>()
    for (const batch of batches) {
      const { partition, fromOffset, count } = batch
      if (paused.has(partition)) continue
      const ids = projection.unresolved(batch, 0, count)
      if (ids.length > 0 && over === null) {
        over = new AbortController()
        void clock.sleep(promptMs, over.signal).then(() => prompt.abort())
      }
      const until = this.patient.delete(partition) ? this.share.ended : prompt.signal
      if (await this.known(ids, until)) readable.push(batch)
      else {
        paused.add(partition)
        this.share.pause(partition, fromOffset)
        void this.wait(partition, ids)
      }
    }
    over?.abort()
    return readable
  }

  /** False when an answer has not come, whatever the reason. */
  private async known(ids: readonly number[], until: AbortSignal): Promise<boolean> {
    const { projection, registry } = this.source
    const { ended } = this.share
    for (const id of ids) {
      if (until.aborted || ended.aborted) return false
      try {
        const asking = registry === null ? Promise.resolve(null) : registry.lookup(id)
        const schema = await unlessAborted(ended, unlessAborted(until, asking))
        if (until.aborted || ended.aborted) return false
        projection.resolve(id, schema)
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error
        return false
      }
    }
    return true
  }

  private async wait(partition: number, ids: readonly number[]): Promise<void> {
    try {
      if (!(await resolveIds(this.source, ids, `partition ${partition}`, this.share.held(partition)))) return
    } catch {
      // The worker meets the same error when it reads the batch again.
    }
    this.patient.add(partition)
    this.share.resume(partition)
  }
}
