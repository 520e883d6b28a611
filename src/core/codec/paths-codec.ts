/** The paths of centroids as a part of a model, as bytes. */
import { mostCells, type Paths } from '../drift/paths.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'

export function writePaths(writer: AvroWriter, paths: Paths): void {
  writer.long(paths.placesSince)
  writer.longs(paths.groups)
  for (const cells of [paths.spreads, paths.low, paths.high, paths.mean]) writer.doubles(cells)
  for (const counts of [paths.runs, paths.events, paths.fromMs, paths.blocks]) writer.longs(counts)
}

export function readPaths(reader: AvroReader): Paths {
  return {
    placesSince: reader.long(),
    groups: reader.longs(),
    spreads: reader.doubles(),
    low: reader.doubles(),
    high: reader.doubles(),
    mean: reader.doubles(),
    runs: reader.longs(),
    events: reader.longs(),
    fromMs: reader.longs(),
    blocks: reader.longs(),
  }
}

/** Bytes of paths of nothing. */
export const leastPaths = 10

/** What no fold gives, or null. */
export function problemOfPaths(paths: Paths, k: number, d: number): string | null {
  const { groups, spreads, low, high, mean, runs, events, fromMs, blocks } = paths
  const count = events.length
  const cells = [spreads, low, high, mean, runs]
  const fits =
    groups.length === k &&
    count > 0 &&
    count * d <= Math.max(mostCells, d) &&
    cells.every((of) => of.length === count * d) &&
    [fromMs, blocks].every((of) => of.length === count)
  if (!fits) return 'the paths of its centroids must fit its places and columns'
  const isCount = (x: number) => x >= 0
  const isSound =
    groups.every((group) => group >= 0 && group <= count) &&
    spreads.every((x) => x >= 0 && x < Number.POSITIVE_INFINITY) &&
    [low, high, mean].every((of) => of.every((x) => Math.abs(x) <= mostMagnitude)) &&
    [events, blocks].every((of) => of.every(isCount)) &&
    runs.every(Number.isFinite)
  return isSound ? null : 'the paths of its centroids must be finite'
}

/** Means of events are no farther away; twice it is finite, and so is the way from one to another. */
const mostMagnitude = 1e101
