/** Versions that a person's command may name: what the topic of models holds now. */
import { isUndone } from '../../core/command/control.ts'
import type { Model } from '../../core/model/model.ts'
import { wireHeaderBytes } from '../../stages/wire-format.ts'
import type { PublishedModel } from '../model-follower.ts'
import type { RollbackTarget } from '../rollback-targets.ts'
import type { VersionBook } from '../versions/version-book.ts'

export type Versions = Pick<VersionBook, 'list' | 'newestUpTo'>

/** The newest version up to this one that is kept, in which no drift was open, and which no rollback has led away from; or null. */
export async function rollbackTarget(
  versions: Versions,
  model: Model,
  version: number,
  signal: AbortSignal,
): Promise<RollbackTarget | null> {
  const fits = ({ scorer: { version: of, model: then } }: PublishedModel) =>
    of < model.version && !isUndone(model.control, of) && then.drift.open === null
  const found = await versions.newestUpTo(version, fits, signal)
  return found === null ? null : { version: found.scorer.version, bytes: found.bytes.subarray(wireHeaderBytes) }
}

/** Whether it is there, and no tombstone lies behind it: one that is to be compacted away soon can still be read. */
export async function isKept(versions: Versions, version: number, signal: AbortSignal): Promise<boolean> {
  return (await versions.list(1, version + 1, signal)).some((view) => view.version === version)
}
