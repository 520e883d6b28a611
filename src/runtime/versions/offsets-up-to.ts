/** Where the newest versions up to one lie in the topic of models, without reading what is newer: that may be gigabytes. */
import { unlessAborted } from '../interruption.ts'
import { type VersionRecord, versionRecordsOf } from '../version-records.ts'
import { firstVersion, type KeptVersions } from './kept-versions.ts'

/** Offsets that are read through rather than halved; where there are too few versions in them, twice as many, and so on. */
const shortRange = 32

/**
 * At most `most` records before offset `to` whose version is `version` or older, newest first. Versions ascend in the topic, so
 * where newer ones begin is found by halving. A tombstone may lie behind what is found: until it is compacted it can be read.
 */
export async function offsetsUpTo(
  { log, topic }: Pick<KeptVersions, 'log' | 'topic'>,
  version: number,
  most: number,
  to: number,
  signal: AbortSignal,
): Promise<readonly VersionRecord[]> {
  const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
  if (bounds === null) return []
  let [low, high] = [bounds.start, to]
  while (high - low > shortRange && !signal.aborted) {
    const middle = Math.floor((low + high) / 2)
    const first = await firstVersion(log, { topic, from: middle, to: high }, signal)
    if (first !== null && first.version <= version) low = first.offset + 1
    else high = middle
  }
  let found: VersionRecord[] = []
  for (let range = shortRange; !signal.aborted; range *= 2) {
    const from = Math.max(bounds.start, high - range)
    const older: VersionRecord[] = []
    for await (const record of versionRecordsOf(log, { topic, from, to: high }, signal)) {
      if (!record.isTombstone && record.version <= version) older.push(record)
    }
    found = [...found, ...older.reverse()]
    high = from
    if (found.length >= most || from === bounds.start) return found.slice(0, most)
  }
  return []
}
