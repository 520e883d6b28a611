import type { OffsetRange } from './partition-log.ts'
import type { RecordColumns } from './record-columns.ts'

interface Place {
  readonly chunk: RecordColumns
  readonly index: number
}

/**
 * The records that a cleaning keeps, in order: below `stable` the newest of each key, above it all. Aborted ones go.
 * A tombstone outlives one cleaning, so that a reader who is a little behind still sees it: those below `cleanedTo`,
 * where the last cleaning ended, go.
 */
export function compacted(
  chunks: readonly RecordColumns[],
  aborted: readonly OffsetRange[],
  stable: number,
  cleanedTo: number,
): Place[] {
  const kept: Place[] = []
  const newest = new Map<string, number>()
  for (const place of decided(chunks, aborted, stable)) newest.set(keyAt(place), offsetAt(place))
  for (const place of decided(chunks, aborted, stable)) {
    const expired = place.chunk.valueLength[place.index] < 0 && offsetAt(place) < cleanedTo
    if (newest.get(keyAt(place)) === offsetAt(place) && !expired) kept.push(place)
  }
  for (const place of places(chunks)) if (offsetAt(place) >= stable) kept.push(place)
  return kept
}

/** Committed records below `stable`. */
function* decided(chunks: readonly RecordColumns[], aborted: readonly OffsetRange[], stable: number): Iterable<Place> {
  let range = 0
  for (const place of places(chunks)) {
    const offset = offsetAt(place)
    if (offset >= stable) return
    while (range < aborted.length && aborted[range].to <= offset) range++
    if (range === aborted.length || aborted[range].from > offset) yield place
  }
}

function* places(chunks: readonly RecordColumns[]): Iterable<Place> {
  for (const chunk of chunks) for (let index = 0; index < chunk.count; index++) yield { chunk, index }
}

function offsetAt(place: Place): number {
  return place.chunk.offset[place.index]
}

/** Latin-1 maps bytes to characters one to one. A compact topic takes no null key, so none is met here. */
function keyAt(place: Place): string {
  const start = place.chunk.keyStart[place.index]
  return place.chunk.bytes.toString('latin1', start, start + place.chunk.keyLength[place.index])
}
