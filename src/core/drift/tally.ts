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

/** Lets a tally (IN and OUT) be one of nothing again. */
export function clearTally(tally: Tally): void {
  tally.windows = 0
  tally.visits = 0
  tally.sinceVersion = 0
  tally.events = 0
  tally.features.bins.fill(0)
  tally.features.missing.fill(0)
  tally.features.clipped.fill(0)
  tally.distances.fill(0)
  tally.places.fill(0)
  tally.placesSince = 0
  tally.far = 0
  tally.rare = 0
  tally.allowed = 0
  tally.ranges = []
  tally.fromMs = 0
  tally.toMs = 0
  tally.segments.fill(0)
}

/** Counts the events of an update (IN and OUT: `into`, and the names of segments), of which so many were called rare. A stranger's parts of events are none. */
export function count(into: Tally, model: Model, update: ModelUpdate, rare: number): void {
  const { trained, features, bins, counts, fromMs, toMs } = update
  if (trained === 0) return
  begin(into, model.version, fromMs, toMs)
  into.events = Math.min(into.events + trained, most)
  addTo(into.features.bins, features.bins)
  addTo(into.features.missing, features.missing)
  addTo(into.features.clipped, features.clipped)
  const { distances } = into
  for (let i = 0; i < bins.length; i++) {
    const bin = Math.floor(bins[i] / scoreBinsPerBin)
    distances[bin] = Math.min(distances[bin] + Math.floor(counts[i]), most)
  }
  countPlaces(into, model, update)
  into.far = Math.min(into.far + update.farEvents, most)
  into.rare = Math.min(into.rare + rare, most)
  into.allowed = Math.min(into.allowed + model.control.budget * trained, most)
  into.ranges = joined(into.ranges, update.ranges)
  into.fromMs = Math.min(into.fromMs, fromMs)
  into.toMs = Math.max(into.toMs, toMs)
  countSegments(into.segments, model.drift.segmentNames, update.segments, model.control.budget / update.budget)
}

/** Events by place: those that were measured from other places than the model's are of none. */
function countPlaces(into: Tally, { usual: { sinceVersion } }: Model, { usual }: ModelUpdate): void {
  if (sinceVersion < into.placesSince) return
  keepPlacesSince(into, sinceVersion)
  if (usual.sinceVersion !== sinceVersion) return
  const { places } = into
  const { weight } = usual.statistics
  for (let i = 0; i < usual.index.length; i++) {
    const place = usual.index[i]
    if (place < places.length) places[place] = Math.min(places[place] + Math.floor(weight[i]), most)
  }
}

/** Adds one to another (IN and OUT: `into`). Places that have been renewed between them start again from the later. */
export function addTally(into: Tally, from: Tally): void {
  if (from.events === 0) return
  begin(into, from.sinceVersion, from.fromMs, from.toMs)
  into.windows += from.windows
  into.events = Math.min(into.events + from.events, most)
  addTo(into.features.bins, from.features.bins)
  addTo(into.features.missing, from.features.missing)
  addTo(into.features.clipped, from.features.clipped)
  addTo(into.distances, from.distances)
  if (from.placesSince >= into.placesSince) {
    keepPlacesSince(into, from.placesSince)
    addTo(into.places, from.places)
  }
  into.far = Math.min(into.far + from.far, most)
  into.rare = Math.min(into.rare + from.rare, most)
  into.allowed = Math.min(into.allowed + from.allowed, most)
  into.ranges = joined(into.ranges, from.ranges)
  into.fromMs = Math.min(into.fromMs, from.fromMs)
  into.toMs = Math.max(into.toMs, from.toMs)
  addTo(into.segments, from.segments)
}

/** Of a tally of nothing (IN and OUT), what its first events say. */
function begin(into: Tally, sinceVersion: number, fromMs: number, toMs: number): void {
  if (into.events > 0) return
  into.sinceVersion = sinceVersion
  into.fromMs = fromMs
  into.toMs = toMs
}

/** Forgets places (IN and OUT: `into`) that are older than this version. */
function keepPlacesSince(into: Tally, version: number): void {
  if (version > into.placesSince) into.places.fill(0)
  into.placesSince = version
}

function addTo(into: Float64Array, from: Float64Array): void {
  for (let i = 0; i < into.length; i++) {
    into[i] += from[i]
    if (into[i] > most) into[i] = most
  }
}

/** By partition, from the first offset of either to the last. */
function joined(a: readonly OffsetRange[], b: readonly OffsetRange[]): readonly OffsetRange[] {
  const before = a.length === 0 ? b : a
  if (areAlike(before, b)) return before.map((range, i) => both(range, b[i]))
  const all = new Map(a.map((range) => [range.partition, range]))
  for (const range of b) all.set(range.partition, both(all.get(range.partition) ?? range, range))
  return [...all.values()].sort((x, y) => x.partition - y.partition)
}

/** Of the same partitions in the same ascending order, as they are but for rebalances. */
function areAlike(a: readonly OffsetRange[], b: readonly OffsetRange[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ partition }, i) => partition === b[i].partition && (i === 0 || partition > a[i - 1].partition))
  )
}

function both({ partition, from, to }: OffsetRange, other: OffsetRange): OffsetRange {
  return { partition, from: Math.min(from, other.from), to: Math.max(to, other.to) }
}
