/** What the topic of models holds, by the keys of its records: versions and their tombstones. */
import { unlessAborted } from './interruption.ts'
import type { EventLog } from './ports.ts'

export interface VersionRecord {
  readonly version: number
  readonly offset: number
  readonly atMs: number
  /** It says that the version is forgotten. */
  readonly isTombstone: boolean
}

/** Those that are in the topic now, in their order; ends early when the signal fires. */
export async function* versionRecords(
  log: EventLog,
  topic: string,
  signal: AbortSignal,
): AsyncGenerator<VersionRecord> {
  const at = { topic, partition: 0 }
  const bounds = await unlessAborted(signal, log.bounds(at))
  if (bounds === null || bounds.start >= bounds.end) return
  const stop = new AbortController()
  try {
    for await (const batch of log.follow(at, bounds.start, AbortSignal.any([signal, stop.signal]))) {
      for (let i = 0; i < batch.count; i++) {
        const keyStart = batch.keyStart[i]
        const version = Number(batch.bytes.toString('latin1', keyStart, keyStart + Math.max(0, batch.keyLength[i])))
        // A stranger's record has any key: no version is known by it.
        if (!(Number.isSafeInteger(version) && version >= 1)) continue
        yield { version, offset: batch.offset[i], atMs: batch.timestamp[i], isTombstone: batch.valueLength[i] < 0 }
      }
      if (batch.nextOffset >= bounds.end) return
    }
  } finally {
    stop.abort()
  }
}
