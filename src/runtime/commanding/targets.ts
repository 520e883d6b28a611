/** Versions that a person's command may name: what the topic of models holds now. */
import { isUndone } from '../../core/command/control.ts'
import type { Model } from '../../core/model/model.ts'
import { wireHeaderBytes } from '../../stages/wire-format.ts'
import type { RollbackTarget } from '../rollback-targets.ts'
import type { VersionBook } from '../versions/version-book.ts'

export type Versions = Pick<VersionBook, 'list' | 'read'>

/** Versions of the log that are looked at. */
const mostTried = 8

/** The newest version up to this one that is kept, in which no drift was open, and which no rollback has led away from; or null. */
export async function rollbackTarget(
  versions: Versions,
  model: Model,
  version: number,
  signal: AbortSignal,
): Promise<RollbackTarget | null> {
  const usable = async (of: number): Promise<RollbackTarget | null> => {
    if (of >= model.version || isUndone(model.control, of)) return null
    const published = await versions.read(of, signal)
    if (published === null || published.scorer.model.drift.open !== null) return null
    return { version: of, bytes: published.bytes.subarray(wireHeaderBytes) }
  }
  // The one that is meant is found in a few fetches: a list would read all that came after it.
  const meant = await usable(version)
  if (meant !== null) return meant
  for (const { version: of } of await versions.list(mostTried, version, signal)) {
    const target = await usable(of)
    if (target !== null) return target
  }
  return null
}

/** Whether it is there, and no tombstone lies behind it: one that is to be compacted away soon can still be read. */
export async function isKept(versions: Versions, version: number, signal: AbortSignal): Promise<boolean> {
  return (await versions.list(1, version + 1, signal)).some((view) => view.version === version)
}
