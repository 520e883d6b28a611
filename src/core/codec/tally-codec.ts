/** What was counted of a stretch of the stream as bytes: small whole numbers, most of them a byte each. */
import { distanceBins, type Tally } from '../drift/tally.ts'
import { areCounts } from '../features/feature-counts.ts'
import { areWithin } from '../within.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'
import { readRanges, writeRanges } from './range-codec.ts'

const mostCount = Number.MAX_SAFE_INTEGER

/** Bytes of a tally without bins. */
export const leastTally = 30

export function writeTally(writer: AvroWriter, tally: Tally): void {
  writer.long(tally.windows)
  writer.long(tally.visits)
  writer.long(tally.sinceVersion)
  writer.long(tally.events)
  writer.longs(tally.features.bins)
  writer.longs(tally.features.missing)
  writer.longs(tally.features.clipped)
  writer.longs(tally.distances)
  writer.longs(tally.places)
  writer.long(tally.placesSince)
  writer.long(tally.far)
  writer.double(tally.rare)
  writer.double(tally.allowed)
  writeRanges(writer, tally.ranges)
  writer.long(tally.fromMs)
  writer.long(tally.toMs)
  writer.longs(tally.segments)
}

export function readTally(reader: AvroReader): Tally {
  return {
    windows: reader.long(),
    visits: reader.long(),
    sinceVersion: reader.long(),
    events: reader.long(),
    features: { bins: reader.longs(), missing: reader.longs(), clipped: reader.longs() },
    distances: reader.longs(),
    places: reader.longs(),
    placesSince: reader.long(),
    far: reader.long(),
    rare: reader.double(),
    allowed: reader.double(),
    ranges: readRanges(reader),
    fromMs: reader.long(),
    toMs: reader.long(),
    segments: reader.longs(),
  }
}

/** What no fold gives, or null. */
export function problemOfTally(
  tally: Tally,
  features: number,
  bins: number,
  k: number,
  segments: number,
): string | null {
  const { features: counts, distances, places } = tally
  const fits =
    counts.bins.length === bins &&
    counts.missing.length === features &&
    counts.clipped.length === features &&
    distances.length === distanceBins &&
    places.length === k &&
    tally.segments.length === segments
  if (!fits) return 'what it counts for drift must fit its bins and clusters'
  const isCount = (count: number) => count >= 0 && count <= mostCount
  const single = [tally.windows, tally.visits, tally.sinceVersion, tally.events, tally.placesSince, tally.far]
  const all =
    areCounts(counts) &&
    areWithin(distances, 0, mostCount) &&
    areWithin(places, 0, mostCount) &&
    areWithin(tally.segments, 0, mostCount) &&
    single.every(isCount)
  if (!(all && isCount(tally.rare) && isCount(tally.allowed)))
    return 'what it counts for drift must be counts of events'
  if (!tally.ranges.every(({ from, to }) => to >= from)) return 'what it counts for drift must be of ranges of events'
  return tally.toMs >= tally.fromMs ? null : 'what it counts for drift must be of a time'
}
