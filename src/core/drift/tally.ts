/** What is counted of a stretch of the stream, to be compared with another: whole numbers, so sums are exact. */
import { emptyCounts, type FeatureCounts } from '../features/feature-counts.ts'
import type { Model, OffsetRange } from '../model/model.ts'
import type { ModelUpdate } from '../model/update.ts'
import { countSegments } from './segments.ts'

/** Bins of a quarter nat: eight of the score's. */
export const distanceBins = 96
const scoreBinsPerBin = 8
/** Beyond this a count stands still. */
const most = Number.MAX_SAFE_INTEGER

export interface Tally {
  /** Windows in it. */
  windows: number
  /** Of an hour of the day, days that it was seen on; of a former reference, how often it has come back. */
  visits: number
  /** Version that its first events were learned in; 0 while there are none. */
  sinceVersion: number
  events: number
  readonly features: FeatureCounts
  /** Of the log distance. */
  readonly distances: Float64Array
  /** Events of the places that the score measures from, and the version that these places are of: they have no upkeep. */
  readonly places: Float64Array
  placesSince: number
  /** Events far from all clusters. */
  far: number
  /** Events as rare as the budget, and how many the budget allows. */
  rare: number
  allowed: number
  ranges: readonly OffsetRange[]
  /** Least and greatest time of its records, ms. */
  fromMs: number
  toMs: number
  /** Of each segment its events by distance, and those called anomalous; empty: there are no segments. */
  readonly segments: Float64Array
}

export function emptyTally(features: number, bins: number, k: number, segments = 0): Tally {
  return {
    windows: 0,
    visits: 0,
    sinceVersion: 0,
    events: 0,
    features: emptyCounts(features, bins),
    distances: new Float64Array(distanceBins),
    places: new Float64Array(k),
    placesSince: 0,
    far: 0,
    rare: 0,
    allowed: 0,
    ranges: [],
    fromMs: 0,
    toMs: 0,
    segments: new Float64Array(segments),
  }
}

/** A tally of nothing, for the features and places of another. */
export function emptyLike({ features, places, segments }: Tally): Tally {
  return emptyTally(features.missing.length, features.bins.length, places.length, segments.length)
}

/** Of the same as another, which goes on changing by itself. */
export function tallyOf(from: Tally): Tally {
  const tally = emptyLike(from)
  addTally(tally, from)
  return tally
}

/** Counts the events of an update (IN and OUT: `into`, and the names of segments), of which so many were called rare. A stranger's parts of events are none. */
export function count(into: Tally, model: Model, update: ModelUpdate, rare: number): void {
  const batch = emptyLike(into)
  batch.sinceVersion = model.version
  batch.events = update.trained
  addTo(batch.features.bins, update.features.bins)
  addTo(batch.features.missing, update.features.missing)
  addTo(batch.features.clipped, update.features.clipped)
  for (let i = 0; i < update.bins.length; i++) {
    batch.distances[Math.floor(update.bins[i] / scoreBinsPerBin)] += Math.floor(update.counts[i])
  }
  batch.placesSince = model.usual.sinceVersion
  if (update.usual.sinceVersion === batch.placesSince) {
    const { index, statistics } = update.usual
    for (let i = 0; i < index.length; i++) {
      if (index[i] < batch.places.length) batch.places[index[i]] = Math.floor(statistics.weight[i])
    }
  }
  batch.far = update.farEvents
  batch.rare = rare
  batch.allowed = update.budget * update.trained
  batch.ranges = update.ranges
  batch.fromMs = update.fromMs
  batch.toMs = update.toMs
  countSegments(batch.segments, model.drift.segmentNames, update.segments)
  addTally(into, batch)
}

/** Adds one to another (IN and OUT: `into`). Places that have been renewed between them start again from the later. */
export function addTally(into: Tally, from: Tally): void {
  if (from.events === 0) return
  if (into.events === 0) {
    into.sinceVersion = from.sinceVersion
    into.fromMs = from.fromMs
    into.toMs = from.toMs
  }
  into.windows += from.windows
  into.events = Math.min(into.events + from.events, most)
  addTo(into.features.bins, from.features.bins)
  addTo(into.features.missing, from.features.missing)
  addTo(into.features.clipped, from.features.clipped)
  addTo(into.distances, from.distances)
  if (from.placesSince > into.placesSince) into.places.fill(0)
  if (from.placesSince >= into.placesSince) addTo(into.places, from.places)
  into.placesSince = Math.max(into.placesSince, from.placesSince)
  into.far = Math.min(into.far + from.far, most)
  into.rare = Math.min(into.rare + from.rare, most)
  into.allowed = Math.min(into.allowed + from.allowed, most)
  into.ranges = joined(into.ranges, from.ranges)
  into.fromMs = Math.min(into.fromMs, from.fromMs)
  into.toMs = Math.max(into.toMs, from.toMs)
  addTo(into.segments, from.segments)
}

function addTo(into: Float64Array, from: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = Math.min(into[i] + from[i], most)
}

/** By partition, from the first offset of either to the last. */
function joined(a: readonly OffsetRange[], b: readonly OffsetRange[]): readonly OffsetRange[] {
  const all = new Map(a.map((range) => [range.partition, range]))
  for (const range of b) {
    const known = all.get(range.partition) ?? range
    const from = Math.min(known.from, range.from)
    all.set(range.partition, { ...range, from, to: Math.max(known.to, range.to) })
  }
  return [...all.values()].sort((x, y) => x.partition - y.partition)
}
