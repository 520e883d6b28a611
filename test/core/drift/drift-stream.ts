/** Windows of a stream whose features, places and distances are drawn from known distributions, as the fold observes them. */
import { observe } from '../../../src/core/drift/detection.ts'
import { driftDefaults } from '../../../src/core/drift/drift.ts'
import type { DriftFinding } from '../../../src/core/drift/finding.ts'
import { segmentBin, segmentBins, segmentWidth } from '../../../src/core/drift/segments.ts'
import { binAt, searchable } from '../../../src/core/features/bin-finder.ts'
import { emptyCounts } from '../../../src/core/features/feature-counts.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import { rarityBin } from '../../../src/core/score/rarity.ts'
import { bornFrom, noSample, numericPlan } from '../model/sample-model.ts'

const features = 8
const places = 10
/** The feature that tells the places apart; all others are standard normal. */
const telling = 7
/** Mean and spread of the log distance, and of those far from all places; nearer than `near` is a fifth of the events. */
const [usually, spread, farAway, near] = [1, 0.3, 4, 0.75]

/** How events differ from those of the birth. */
export interface Change {
  /** Added to each feature, by feature, in standard deviations. */
  readonly shift?: Readonly<Record<number, number>>
  /** Share of the events that lie far from all places, at the last of them. */
  readonly far?: number
  /** A place that no events come to. */
  readonly lost?: number
  /** Share of the events that has no value of the first feature. */
  readonly missing?: number
  /** A bin of the first feature that no value falls into. */
  readonly without?: number
  /** A segment of which no events lie near to a place; farther away they are as ever. */
  readonly notNear?: string
  /** Share of the events of a segment (of `segment`) that lie far from all places. */
  readonly farIn?: { readonly segment: string; readonly share: number }
  /** Share of the events of each segment that is called anomalous. */
  readonly called?: number
}

export class DriftStream {
  readonly model: Model
  readonly findings: DriftFinding[] = []
  events = 0
  private readonly random: Random
  /** Apart, so that whether events are called changes nothing else of them. */
  private readonly calls: Random
  private readonly segments: Readonly<Record<string, number>>

  /** `segments`: the share of the events that each has. */
  constructor(seed: number, model: Model | null = null, segments: Readonly<Record<string, number>> = {}) {
    this.segments = segments
    this.random = new Random(seed)
    this.calls = new Random(seed + 1)
    const rows = Float64Array.from({ length: 1000 * features }, (_, at) =>
      at % features === telling ? this.told(this.random.below(places)) : this.random.gaussian(),
    )
    const segmentField = Object.keys(segments).length > 0 ? 'channel' : null
    this.model = model ?? bornFrom(numericPlan(features), rows, 1000, places, { ...driftDefaults, segmentField })
  }

  /** Observes n events in batches of `size`, at one event per `msPerEvent`; `of` tells how event i differs. */
  observe(n: number, of: Change | ((event: number) => Change) = {}, size = 1000, msPerEvent = 0): this {
    for (let done = 0; done < n; done += size) this.batch(Math.min(size, n - done), of, msPerEvent)
    return this
  }

  private batch(n: number, of: Change | ((event: number) => Change), msPerEvent: number): void {
    const { model, random } = this
    const { bins } = model.features
    const edges = bins.edges.map(searchable)
    const counts = emptyCounts(features, bins.from[features])
    const weight = new Float64Array(places)
    const distances = new Map<number, number>()
    const names = Object.keys(this.segments)
    const ofSegment = names.map((name) => ({ name, counts: new Float64Array(segmentWidth) }))
    for (let i = 0; i < n; i++) {
      const change = typeof of === 'function' ? of(this.events + i) : of
      const { shift = {}, far = 0, lost = -1, missing = 0, without = -1, farIn, notNear, called = 0 } = change
      let place = random.below(places)
      while (place === lost) place = random.below(places)
      for (let f = 0; f < features; f++) {
        const draw = () => binAt(edges[f], (f === telling ? this.told(place) : random.gaussian()) + (shift[f] ?? 0))
        let bin = draw()
        while (f === 0 && bin === without) bin = draw()
        if (f === 0 && random.uniform() < missing) counts.missing[0]++
        else counts.bins[bins.from[f] + bin]++
      }
      const segment = this.segmentAt(random.uniform())
      const isFar = random.uniform() < (farIn !== undefined && names[segment] === farIn.segment ? farIn.share : far)
      weight[isFar ? places - 1 : place]++
      let away = usually + spread * random.gaussian()
      while (notNear !== undefined && names[segment] === notNear && away < near)
        away = usually + spread * random.gaussian()
      const bin = rarityBin(isFar ? farAway : away)
      distances.set(bin, (distances.get(bin) ?? 0) + 1)
      if (segment >= 0) ofSegment[segment].counts[segmentBin(bin)]++
      if (segment >= 0 && this.calls.uniform() < called) ofSegment[segment].counts[segmentBins]++
    }
    const index = Int32Array.from(weight.keys()).filter((j) => weight[j] > 0)
    const seen = [...distances.keys()].sort((a, b) => a - b)
    const from = this.events
    this.events += n
    model.version += 1
    const update = {
      bornAtMs: model.bornAtMs,
      version: model.version - 1,
      d: features,
      ranges: [{ partition: 0, from, to: this.events }],
      trained: n,
      clusterIds: new Int32Array(0),
      clusters: emptyStatistics(0, features),
      bins: Int32Array.from(seen),
      counts: Float64Array.from(seen, (bin) => distances.get(bin)!),
      ...noSample(),
      features: { ...counts, from: bins.from },
      usual: {
        sinceVersion: 1,
        index,
        statistics: { ...emptyStatistics(index.length, features), weight: weight.filter((mass) => mass > 0) },
      },
      budget: model.control.budget,
      fromMs: from * msPerEvent,
      toMs: this.events * msPerEvent,
      segments: ofSegment,
    }
    observe(model, update, model.control.budget * n)
    this.findings.push(...model.drift.findings.filter(({ version }) => version === model.version))
  }

  /** The segment of an event that drew this number; -1: there are none. */
  private segmentAt(drawn: number): number {
    let left = drawn
    return Object.values(this.segments).findIndex((share) => {
      left -= share
      return left < 0
    })
  }

  /** The telling feature of an event of a place: of spread 1 over all. */
  private told(place: number): number {
    return (place - (places - 1) / 2) / 2.87 + 0.1 * this.random.gaussian()
  }

  kinds(): readonly string[] {
    return this.findings.map(({ kind }) => kind)
  }
}
