/** The distributions of features as a model and an update have them in their Avro records. */

import { mostEdges } from '../features/bin-finder.ts'
import { binsOf, type FeatureBins } from '../features/feature-bins.ts'
import { areCounts, emptyCounts, type FeatureCounts } from '../features/feature-counts.ts'
import type { FeatureState } from '../model/model.ts'
import type { UpdateFeatures } from '../model/update.ts'
import type { AvroReader, AvroWriter } from './avro-bytes.ts'

export function writeFeatures(writer: AvroWriter, { bins, reference, current }: FeatureState): void {
  writer.arrayBegin(bins.edges.length)
  bins.edges.forEach((edges, f) => {
    writer.doubles(edges)
    for (const counts of [reference, current]) {
      writer.doubles(counts.bins.subarray(bins.from[f], bins.from[f + 1]))
      writer.double(counts.missing[f])
      writer.double(counts.clipped[f])
    }
  })
  writer.arrayEnd()
}

export function readFeatures(reader: AvroReader): FeatureState {
  const edges: Float64Array[] = []
  const reference: OneFeature[] = []
  const current: OneFeature[] = []
  for (let n = reader.arrayBlock(35); n > 0; n = reader.arrayBlock(35)) {
    for (let i = 0; i < n; i++) {
      edges.push(reader.doubles())
      const [then, now] = [readOne(reader), readOne(reader)]
      if (then.bins.length !== now.bins.length) reader.fail()
      reference.push(then)
      current.push(now)
    }
  }
  const bins = binsOf(reference.map((one, f) => ({ edges: edges[f], count: one.bins.length })))
  return { bins, reference: joined(reference, bins), current: joined(current, bins) }
}

/** What no birth and no fold gives, or null. */
export function problemOfFeatures({ bins, reference, current }: FeatureState): string | null {
  const fits = (edges: Float64Array, f: number) => {
    const count = bins.from[f + 1] - bins.from[f]
    return count > 0 && (edges.length === 0 || (edges.length === count - 1 && areEdges(edges)))
  }
  if (!bins.edges.every(fits)) return `the edges of its bins must ascend, one fewer than bins and at most ${mostEdges}`
  return areCounts(reference) && areCounts(current) ? null : 'its features must be counts of events'
}

export function writeUpdateFeatures(writer: AvroWriter, { from, bins, missing, clipped }: UpdateFeatures): void {
  writer.arrayBegin(missing.length)
  for (let f = 0; f < missing.length; f++) {
    writeLongs(writer, bins.subarray(from[f], from[f + 1]))
    writer.long(missing[f])
    writer.long(clipped[f])
  }
  writer.arrayEnd()
}

export function readUpdateFeatures(reader: AvroReader): UpdateFeatures {
  const features: OneFeature[] = []
  for (let n = reader.arrayBlock(3); n > 0; n = reader.arrayBlock(3)) {
    for (let i = 0; i < n; i++) features.push({ bins: longs(reader), missing: reader.long(), clipped: reader.long() })
  }
  const bins = binsOf(features.map((one) => ({ edges: none, count: one.bins.length })))
  return { from: bins.from, ...joined(features, bins) }
}

/** What no batch of `trained` events gives, or null. */
export function problemOfUpdateFeatures(
  { from, bins, missing, clipped }: UpdateFeatures,
  trained: number,
): string | null {
  for (let f = 0; f < missing.length; f++) {
    let events = missing[f]
    let least = Math.min(missing[f], clipped[f])
    for (let b = from[f]; b < from[f + 1]; b++) {
      events += bins[b]
      least = Math.min(least, bins[b])
    }
    if (events !== trained || least < 0 || clipped[f] > trained) return `its feature ${f} must count ${trained} events`
  }
  return null
}

interface OneFeature {
  readonly bins: Float64Array
  readonly missing: number
  readonly clipped: number
}

function readOne(reader: AvroReader): OneFeature {
  return { bins: reader.doubles(), missing: reader.double(), clipped: reader.double() }
}

const none = new Float64Array(0)

function joined(features: readonly OneFeature[], { from }: FeatureBins): FeatureCounts {
  const counts = emptyCounts(features.length, from[features.length])
  features.forEach(({ bins, missing, clipped }, f) => {
    counts.bins.set(bins.subarray(0, from[f + 1] - from[f]), from[f])
    counts.missing[f] = missing
    counts.clipped[f] = clipped
  })
  return counts
}

export function writeLongs(writer: AvroWriter, values: Float64Array): void {
  writer.arrayBegin(values.length)
  for (const value of values) writer.long(value)
  writer.arrayEnd()
}

/** A whole `array<long>`. */
export function longs(reader: AvroReader): Float64Array {
  const values: number[] = []
  for (let n = reader.arrayBlock(1); n > 0; n = reader.arrayBlock(1)) {
    for (let i = 0; i < n; i++) values.push(reader.long())
  }
  return Float64Array.from(values)
}

function areEdges(edges: Float64Array): boolean {
  return (
    edges.length <= mostEdges && edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]))
  )
}
