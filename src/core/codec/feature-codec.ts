/** The distributions of features as a model and an update have them in their Avro records. */

import { mostEdges } from '../features/bin-finder.ts'
import { binsOf, type FeatureBins } from '../features/feature-bins.ts'
import { areCounts, emptyCounts, type FeatureCounts } from '../features/feature-counts.ts'
import type { FeatureState } from '../model/model.ts'
import type { UpdateFeatures } from '../model/update.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'

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
  const features = reader.array(35, readFeature)
  const reference = features.map((feature) => feature.reference)
  const current = features.map((feature) => feature.current)
  const bins = binsOf(features.map((feature) => ({ edges: feature.edges, count: feature.reference.bins.length })))
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
    writer.longs(bins.subarray(from[f], from[f + 1]))
    writer.long(missing[f])
    writer.long(clipped[f])
  }
  writer.arrayEnd()
}

export function readUpdateFeatures(reader: AvroReader): UpdateFeatures {
  const features = reader.array(3, readUpdateFeature)
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

function readFeature(reader: AvroReader) {
  const edges = reader.doubles()
  const [reference, current] = [readCounts(reader), readCounts(reader)]
  if (reference.bins.length !== current.bins.length) reader.fail()
  return { edges, reference, current }
}

function readCounts(reader: AvroReader): OneFeature {
  return { bins: reader.doubles(), missing: reader.double(), clipped: reader.double() }
}

function readUpdateFeature(reader: AvroReader): OneFeature {
  return { bins: reader.longs(), missing: reader.long(), clipped: reader.long() }
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

function areEdges(edges: Float64Array): boolean {
  return (
    edges.length <= mostEdges && edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]))
  )
}
