/** Counts the events of a batch by segment: docs/drift.md. */
import {
  mostNameBytes,
  mostSegments,
  restName,
  type SegmentCounts,
  segmentBin,
  segmentBins,
  segmentWidth,
} from '../core/drift/segments.ts'
import type { FeaturePlan } from '../core/features/feature-plan.ts'
import { fnv1a32 } from '../core/features/fnv.ts'
import { fieldText } from '../core/fields/field-text.ts'
import { type FieldColumns, FieldKind } from '../core/fields/fields.ts'
import type { Model } from '../core/model/model.ts'
import { rarityBins } from '../core/score/rarity.ts'

/** Where the events without a value are counted, and those of values that came too late. */
const rest = 0

export class SegmentCounter {
  private readonly slot: number
  private readonly slots: number
  private readonly names: string[] = [restName]
  /** Texts by their hash: two that share one are one segment, which no user can bring about by chance. */
  private readonly byHash = new Map<number, number>()
  private readonly byNumber = new Map<number, number>()
  private readonly counts = new Float64Array((2 * mostSegments + 1) * segmentWidth)
  /** Of each bin of the score that of a segment. */
  private readonly binOf = Uint8Array.from({ length: rarityBins }, (_, bin) => segmentBin(bin))

  constructor(slot: number, slots: number) {
    this.slot = slot
    this.slots = slots
  }

  /** Null where the model was born without segments, or with those of another field. */
  static of({ drift }: Model, { segment, slots }: FeaturePlan): SegmentCounter | null {
    if (segment === null || segment.field !== drift.options.segmentField) return null
    return new SegmentCounter(segment.slot, slots)
  }

  /** Counts an event of `fields`, in this bin of the score. */
  add(event: number, fields: FieldColumns, bytes: Uint8Array, scoreBin: number, isAnomaly: boolean): void {
    const at = this.segmentOf(event * this.slots + this.slot, fields, bytes) * segmentWidth
    this.counts[at + this.binOf[scoreBin]]++
    if (isAnomaly) this.counts[at + segmentBins]++
  }

  /** Those that have events. */
  taken(): readonly SegmentCounts[] {
    return this.names
      .map((name, i) => ({ name, counts: this.counts.slice(i * segmentWidth, (i + 1) * segmentWidth) }))
      .filter(({ counts }) => counts.some((count) => count > 0))
  }

  private segmentOf(at: number, fields: FieldColumns, bytes: Uint8Array): number {
    switch (fields.kind[at]) {
      case FieldKind.text:
      case FieldKind.arenaText: {
        const source = fields.kind[at] === FieldKind.text ? bytes : fields.arena
        // As a small integer, which a map finds soonest.
        const hash = fnv1a32(source, fields.start[at], fields.start[at] + fields.length[at]) | 0
        return this.byHash.get(hash) ?? this.learn(this.byHash, hash, fieldText(fields, at, bytes, mostNameBytes))
      }
      case FieldKind.missing:
        return rest
      default: {
        const value = fields.number[at]
        return this.byNumber.get(value) ?? this.learn(this.byNumber, value, String(value))
      }
    }
  }

  /** A batch may bring as many new ones as a model has, beside those. */
  private learn(known: Map<number, number>, key: number, name: string): number {
    let segment = this.names.indexOf(name)
    if (segment < 0) segment = this.names.length <= 2 * mostSegments ? this.names.push(name) - 1 : rest
    // What is one of too many is remembered only while that is cheap.
    if (known.size < mostRemembered) known.set(key, segment)
    return segment
  }
}

const mostRemembered = 4096
