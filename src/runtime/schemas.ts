/** Knowing the writer schemas of a batch before it is read. */
import type { Projection } from '../core/fields.ts'
import type { RecordBatch } from '../stages/records.ts'
import { Backoff } from './backoff.ts'
import { ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import type { Clock, SchemaRegistry } from './ports.ts'

/**
 * Makes the projection know every schema id in the batch. A registry that is down is no fault of the event: the
 * partition waits, and health says so. False when the signal fired first: the batch must not be read.
 */
export async function resolveSchemas(
  projection: Projection,
  batch: RecordBatch,
  registry: SchemaRegistry | null,
  clock: Clock,
  health: Health,
  signal: AbortSignal,
): Promise<boolean> {
  for (const id of projection.unresolved(batch, 0, batch.count)) {
    const backoff = new Backoff(clock)
    for (;;) {
      if (signal.aborted) {
        // Nobody here waits for the registry any more: whoever reads this batch next says how it is.
        health.recovered('registry')
        return false
      }
      try {
        projection.resolve(id, registry === null ? null : await registry.lookup(id))
        health.recovered('registry')
        break
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error
        health.failed('registry', error.message)
        await backoff.wait(signal)
      }
    }
  }
  return true
}
