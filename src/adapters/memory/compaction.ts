import type { Chunks, Place } from './chunks.ts'
import { offsetAt } from './chunks.ts'
import type { OffsetRange } from './partition-log.ts'

/**
 * The records that a cleaning keeps, in order: below `stable` the newest of each key, above it all. Aborted ones go.
 * A tombstone outlives one cleaning, so that a reader who is a little behind still sees it: those below `cleanedTo`,
 * where the last cleaning ended, go.
 */
export function* survivorsOf(
  chunks: Chunks,
  aborted: readonly OffsetRange[],
  stable: number,
  cleanedTo: number,
): Iterable<Place> {
  const newest = new Map<string, number>()
  for (const place of committed(chunks, aborted, stable)) newest.set(keyAt(place), offsetAt(place))
  for (const place of committed(chunks, aborted, stable)) {
    const isExpired = place.chunk.valueLength[place.index] < 0 && offsetAt(place) < cleanedTo
    if (newest.get(keyAt(place)) === offsetAt(place) && !isExpired) yield place
  }
  for (const place of chunks.places()) if (offsetAt(place) >= stable) yield place
}

/** Records below `stable` that were not aborted. */
function* committed(chunks: Chunks, aborted: readonly OffsetRange[], stable: number): Iterable<Place> {
  let range = 0
  for (const place of chunks.places()) {
    const offset = offsetAt(place)
    if (offset >= stable) return
    while (range < aborted.length && aborted[range].to <= offset) range++
    if (range === aborted.length || aborted[range].from > offset) yield place
  }
}

/** Latin-1 maps bytes to characters one to one. A compact topic takes no null key, so none is met here. */
function keyAt({ chunk, index }: Place): string {
  const start = chunk.keyStart[index]
  return chunk.bytes.toString('latin1', start, start + chunk.keyLength[index])
}
