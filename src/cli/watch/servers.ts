/** Whether the schema registry and Redis answer, asked by this command: what a process has of them only it knows. */
import type { Configuration } from '../../runtime/configuration/configuration.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { Health } from '../../runtime/health.ts'
import type { SnapshotStore } from '../../runtime/ports.ts'
import { type CliContext, withOpen } from '../context.ts'

const everyMs = 5_000
const patienceMs = 5_000
/** Whichever it is: that there is none of this id is an answer, too. */
const anySchema = 1

/** Tells the health what the servers answer that the configuration names; not more often than is worth it. */
export function serverLook(
  context: CliContext,
  configuration: Configuration,
  snapshots: SnapshotStore | null,
  health: Health,
): () => Promise<void> {
  const { clock, signal } = context
  let lookedMs = Number.NEGATIVE_INFINITY
  const tell = async (name: 'redis' | 'registry', asked: Promise<unknown>) => {
    const enough = new AbortController()
    const late = clock.sleep(patienceMs, AbortSignal.any([signal, enough.signal])).then(() => {
      throw new ShoalError(`${name === 'redis' ? 'snapshots' : name}.unavailable`, `no answer within ${patienceMs} ms`)
    })
    try {
      await Promise.race([asked, late])
      health.recovered(name)
    } catch (error) {
      if (!signal.aborted) health.failed(name, error instanceof Error ? error.message : String(error))
    } finally {
      enough.abort()
      await late.catch(() => undefined)
    }
  }
  return async () => {
    if (clock.now() - lookedMs < everyMs) return
    lookedMs = clock.now()
    const { name, registry } = configuration
    await Promise.all([
      ...(snapshots === null ? [] : [tell('redis', snapshots.history(name, 1))]),
      // Of its own: one that is kept answers from memory.
      ...(registry === null
        ? []
        : [
            tell(
              'registry',
              withOpen(context.openRegistry(configuration), (opened) => opened.lookup(anySchema)),
            ),
          ]),
    ])
  }
}
