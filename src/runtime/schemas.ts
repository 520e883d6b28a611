/** Knowing the writer schemas of a batch before it is read. */
import type { Projection } from '../core/fields/fields.ts'
import type { RecordBatch } from '../stages/records.ts'
import { answering } from './answering.ts'
import { Backoff } from './backoff.ts'
import { ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { Clock, SchemaRegistry } from './ports.ts'

export interface SchemaSource {
  readonly projection: Projection
  readonly registry: SchemaRegistry | null
  readonly clock: Clock
  readonly health: Health
}

/**
 * Makes the projection know every schema id in the batch. A registry that is down is no fault of the event: whoever
 * reads it waits, and health says so. False when the signal fired first: the batch must not be read.
 */
export function resolveSchemas(source: SchemaSource, batch: RecordBatch, signal: AbortSignal): Promise<boolean> {
  return resolveIds(source, source.projection.unresolved(batch, 0, batch.count), 'registry', signal)
}

/** The same for these ids; `by`: who waits, for the health. */
export async function resolveIds(
  { projection, registry, clock, health }: SchemaSource,
  ids: readonly number[],
  by: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (const id of ids) {
    const backoff = new Backoff(clock)
    let isKnown = false
    while (!isKnown && !signal.aborted) {
      try {
        const asking = registry === null ? Promise.resolve(null) : registry.lookup(id)
        // Whoever must let go of its partitions does not wait for an answer.
        const schema = await answering(by, unlessAborted(signal, asking), { clock, health }, 'registry')
        if (signal.aborted) break
        projection.resolve(id, schema)
        isKnown = true
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error
        health.failed('registry', error.message, by)
        await backoff.wait(signal)
      }
    }
    if (isKnown) continue
    // Nobody here waits for the registry any more: whoever reads this next says how it is.
    health.recovered('registry', by)
    return false
  }
  return true
}
