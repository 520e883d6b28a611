/** The paths of centroids as a part of a model, as bytes. */
import { mostCells, type Paths } from '../drift/paths.ts'
import type { AvroReader, AvroWriter } from './avro-bytes.ts'
import { longs, writeLongs } from './feature-codec.ts'

export function writePaths(writer: AvroWriter, paths: Paths | null): void {
  writer.arrayBegin(paths === null ? 0 : 1)
  if (paths !== null) {
    writer.long(paths.placesSince)
    writeLongs(writer, paths.groups)
    for (const cells of [paths.spreads, paths.low, paths.high, paths.mean]) writer.doubles(cells)
    for (const counts of [paths.runs, paths.events, paths.fromMs, paths.blocks]) writeLongs(writer, counts)
  }
  writer.arrayEnd()
}

export function readPaths(reader: AvroReader): Paths | null {
  let paths: Paths | null = null
  for (let n = reader.arrayBlock(leastPaths); n > 0; n = reader.arrayBlock(leastPaths)) {
    if (n > 1 || paths !== null) reader.fail()
    paths = {
      placesSince: reader.long(),
      groups: longs(reader),
      spreads: reader.doubles(),
      low: reader.doubles(),
      high: reader.doubles(),
      mean: reader.doubles(),
      runs: longs(reader),
      events: longs(reader),
      fromMs: longs(reader),
      blocks: longs(reader),
    }
  }
  return paths
}

/** Bytes of paths of nothing. */
const leastPaths = 10

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
