/** One event meets its entity's profile: features first, then it enters. */

import { fnv1a32 } from '../features/fnv.ts'
import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { greatCircleKm } from './great-circle.ts'
import { decayMoment, keptPerEvent, type MomentValues, meetValue } from './profile-moments.ts'
import {
  type EntityPlan,
  NoveltyCell,
  type NoveltyPlan,
  PositionCell,
  type PositionPlan,
  ProfileCell,
} from './profile-plan.ts'
import { fingerprintByte, isNew, meetFingerprint } from './profile-sketch.ts'
import type { ProfileTable } from './profile-table.ts'

const hourMs = 3_600_000
/** Two positions within it would make a step a flight. */
const leastBetweenMs = 60_000

/**
 * An event enters by its own time. One that is late by Δ counts 2^(−Δ/halfLife), as it would if it had come in time, and
 * takes back neither the newest time nor the newest position. One that is later than ten half-lives counts for nothing;
 * but a second such in a row says that the newest time was wrong, and the profile's clock is set back to it.
 *
 *     count1h, count24h = Σ e^(−age/span)      the events of the last hour or day, smoothly: what a window of that span
 *                                              holds on average, without a list of times
 *     sinceLast         = hours since the newest event; 0 for one that is late
 *     kmPerHour         = great circle from the newest position over the time between, at least a minute
 *     newValue          = 0 for a value that the entity had lately, else (n + p)/(n + 1): n events of it before, and
 *                         p the share of new values in the population
 *
 * Nothing is missing but what cannot be said: the field's own value, or a time or place before the first.
 */
export class ProfileEntry {
  private plan!: EntityPlan
  private table!: ProfileTable
  private population!: Float64Array
  private fields!: FieldColumns
  private bytes!: Uint8Array
  private firstTarget = 0
  /** The event's first slot, and its profile's first cell. */
  private event = 0
  private at = 0
  private timeMs = 0
  /** By how much the event is newer than the newest before it. */
  private aheadMs = 0
  /** Whether the event enters. */
  private counts = true
  private readonly values: MomentValues = { ratio: 0, zScore: 0, unrest: 0 }
  private readonly double = new Float64Array(1)
  private readonly halves = new Int32Array(this.double.buffer)

  /** Events of these columns meet profiles of this kind from now on. */
  begin(
    plan: EntityPlan,
    table: ProfileTable,
    population: Float64Array,
    fields: FieldColumns,
    firstTarget: number,
    bytes: Uint8Array,
  ): void {
    this.plan = plan
    this.table = table
    this.population = population
    this.fields = fields
    this.firstTarget = firstTarget
    this.bytes = bytes
  }

  /** The event whose slots begin at `event` meets the profile. */
  enter(profile: number, event: number, timeMs: number): void {
    const { plan } = this
    const cells = this.table.values
    const at = profile * plan.cells
    const events = cells[at + ProfileCell.events]
    this.event = event
    this.at = at
    this.timeMs = timeMs
    if (events === 0) cells[at + ProfileCell.timeMs] = timeMs
    this.aheadMs = timeMs - cells[at + ProfileCell.timeMs]
    this.judgeTime()
    for (const target of plan.sinceLast) if (events > 0) this.tell(target, Math.max(0, this.aheadMs) / hourMs)
    this.meetMoments()
    this.meetWindows()
    for (const position of plan.positions) this.meetPosition(position)
    for (const novelty of plan.novelties) this.meetNovelty(novelty, profile, events)
    if (this.aheadMs > 0) cells[at + ProfileCell.timeMs] = timeMs
    cells[at + ProfileCell.events] = Math.min(events + 1, Number.MAX_SAFE_INTEGER)
  }

  private judgeTime(): void {
    const { plan, at } = this
    const cells = this.table.values
    this.counts = true
    if (this.aheadMs >= -plan.strayMs) {
      cells[at + ProfileCell.strays] = 0
      return
    }
    if (cells[at + ProfileCell.strays] === 0) {
      cells[at + ProfileCell.strays] = 1
      this.counts = false
      return
    }
    cells[at + ProfileCell.strays] = 0
    cells[at + ProfileCell.timeMs] = this.timeMs
    for (const { cell } of plan.positions) cells[at + cell + PositionCell.known] = 0
    this.aheadMs = 0
  }

  private meetMoments(): void {
    const { plan, at, event, aheadMs, fields, values } = this
    const cells = this.table.values
    for (let m = 0; m < plan.moments.length; m++) {
      const { halfLifeMs, cell, slot, population, asked } = plan.moments[m]
      const age = (Math.abs(aheadMs) * Math.LN2) / halfLifeMs
      if (aheadMs > 0) decayMoment(cells, at + cell, Math.exp(-age))
      if (fields.kind[event + slot] === FieldKind.missing) continue
      const weight = !this.counts ? 0 : aheadMs < 0 ? Math.exp(-age) : 1
      meetValue(cells, at + cell, this.population, population, fields.number[event + slot], weight, values)
      for (let i = 0; i < asked.length; i++) {
        const { as, target } = asked[i]
        this.tell(target, as === 'ratio' ? values.ratio : as === 'zScore' ? values.zScore : values.unrest)
      }
    }
  }

  private meetWindows(): void {
    const { windows } = this.plan
    const cells = this.table.values
    for (let w = 0; w < windows.length; w++) {
      const { spanMs, cell, targets } = windows[w]
      const passed = Math.exp(-Math.abs(this.aheadMs) / spanMs)
      if (this.aheadMs > 0) cells[this.at + cell] *= passed
      for (const target of targets) this.tell(target, cells[this.at + cell])
      if (this.counts) cells[this.at + cell] += this.aheadMs < 0 ? passed : 1
    }
  }

  private meetPosition({ latitudeSlot, longitudeSlot, cell, target }: PositionPlan): void {
    const { fields, event, timeMs } = this
    const cells = this.table.values
    const from = this.at + cell
    if (fields.kind[event + latitudeSlot] === FieldKind.missing) return
    if (fields.kind[event + longitudeSlot] === FieldKind.missing) return
    const latitude = fields.number[event + latitudeSlot]
    const longitude = fields.number[event + longitudeSlot]
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return
    const isKnown = cells[from + PositionCell.known] === 1
    const betweenMs = timeMs - cells[from + PositionCell.timeMs]
    if (isKnown) {
      const lastLatitude = cells[from + PositionCell.latitude]
      const lastLongitude = cells[from + PositionCell.longitude]
      const km = greatCircleKm(lastLatitude, lastLongitude, latitude, longitude)
      this.tell(target, km / (Math.max(Math.abs(betweenMs), leastBetweenMs) / hourMs))
    }
    if (!this.counts || (isKnown && betweenMs < 0)) return
    cells[from + PositionCell.known] = 1
    cells[from + PositionCell.timeMs] = timeMs
    cells[from + PositionCell.latitude] = latitude
    cells[from + PositionCell.longitude] = longitude
  }

  private meetNovelty({ slot, sketch, target, population: from }: NoveltyPlan, profile: number, events: number): void {
    const { population } = this
    const { sketches, words } = this.table
    if (this.fields.kind[this.event + slot] === FieldKind.missing) return
    const at = profile * words + 2 * sketch
    const fingerprint = fingerprintByte(this.hashOf(this.event + slot))
    const isNovel = this.counts ? meetFingerprint(sketches, at, fingerprint) : isNew(sketches, at, fingerprint)
    const weight = population[from + NoveltyCell.weight]
    const share = weight > 0 ? population[from + NoveltyCell.share] / weight : 1
    this.tell(target, isNovel ? (events + share) / (events + 1) : 0)
    // The first value of an entity is new whatever it is: it says nothing of how often values are.
    if (!this.counts || events === 0) return
    population[from + NoveltyCell.weight] = weight * keptPerEvent + 1
    population[from + NoveltyCell.share] = population[from + NoveltyCell.share] * keptPerEvent + (isNovel ? 1 : 0)
  }

  private tell(target: number, value: number): void {
    const slot = this.event + this.firstTarget + target
    this.fields.kind[slot] = FieldKind.number
    this.fields.number[slot] = value
  }

  private hashOf(slot: number): number {
    const { kind, start, length, arena, number } = this.fields
    const from = start[slot]
    if (kind[slot] === FieldKind.text) return fnv1a32(this.bytes, from, from + length[slot])
    if (kind[slot] === FieldKind.arenaText) return fnv1a32(arena, from, from + length[slot])
    // Minus zero is zero.
    this.double[0] = number[slot] + 0
    return Math.imul(this.halves[0] ^ Math.imul(this.halves[1], 0x85ebca6b), 0xc2b2ae35)
  }
}
