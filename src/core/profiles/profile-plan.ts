/** The profile features compiled: what is kept of each entity, and which cells of its record each feature reads. */
import type { FeatureSpec, ProfileKind } from '../features/features.ts'
import { fnv1a64 } from '../features/fnv.ts'
import type { FieldType } from '../fields/fields.ts'

/** Cells that every record begins with. */
export const ProfileCell = { timeMs: 0, offset: 1, events: 2, strays: 3, first: 4 } as const
/**
 * Cells of one moment: the decayed weight, mean and squared deviations of a field, how unusual its values were, and how many
 * in a row were held back, those from above or (negative) those from below.
 */
export const MomentCell = { weight: 0, mean: 1, m2: 2, unrest: 3, held: 4, size: 5 } as const
/** Cells of a position: 1 once there is one, its time, and where. */
export const PositionCell = { known: 0, timeMs: 1, latitude: 2, longitude: 3, size: 4 } as const
/** Cells of what all entities of a partition have in a field: profile-moments.ts. */
export const PopulationCell = { weight: 0, level: 1, size: 2, spread: 3, withinWeight: 4, within: 5, count: 6 } as const
/** Cells of how often a value was new to its entity. */
export const NoveltyCell = { weight: 0, share: 1, count: 2 } as const

/** A feature's value: `target` counts the slots behind those of the fields. */
export interface Asked {
  readonly as: ProfileKind
  readonly target: number
}

export interface MomentPlan {
  readonly slot: number
  readonly halfLifeMs: number
  readonly cell: number
  readonly population: number
  readonly asked: readonly Asked[]
}

export interface WindowPlan {
  readonly spanMs: number
  readonly cell: number
  readonly targets: readonly number[]
}

export interface PositionPlan {
  readonly latitudeSlot: number
  readonly longitudeSlot: number
  readonly cell: number
  readonly target: number
}

export interface NoveltyPlan {
  readonly slot: number
  /** Which of the record's sketches. */
  readonly sketch: number
  readonly population: number
  readonly target: number
}

/** What is kept of the entities that one field names. */
export interface EntityPlan {
  readonly field: string
  readonly slot: number
  /** Numbers of a record. */
  readonly cells: number
  /** 64-bit sketches of a record. */
  readonly sketches: number
  readonly populationCells: number
  readonly moments: readonly MomentPlan[]
  readonly windows: readonly WindowPlan[]
  readonly sinceLast: readonly number[]
  readonly positions: readonly PositionPlan[]
  readonly novelties: readonly NoveltyPlan[]
  /** What is so much later than the newest counts for less than a thousandth, in all that is kept. */
  readonly strayMs: number
  /** Sixteen hex digits: what the cells of a record mean. A record of another layout is refused. */
  readonly layout: string
}

export interface ProfilePlan {
  readonly entities: readonly EntityPlan[]
  /** Index of the feature that each target belongs to. */
  readonly features: readonly number[]
}

export interface SlotMaker {
  valueSlot(path: string, required: boolean, types: readonly FieldType[]): number
  entitySlot(path: string, required: boolean): number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** 2^−10 is less than a thousandth. */
const strayHalfLives = 10

/** Null when no feature asks for a profile. */
export function planProfiles(specs: readonly FeatureSpec[], slots: SlotMaker): ProfilePlan | null {
  const features: number[] = []
  const builders = new Map<string, EntityBuilder>()
  for (const [index, { profile, missing }] of specs.entries()) {
    if (profile === undefined) continue
    let builder = builders.get(profile.entity)
    if (builder === undefined) {
      const isRequired = specs.some((each) => each.profile?.entity === profile.entity && each.missing === 'reject')
      builder = new EntityBuilder(profile.entity, slots.entitySlot(profile.entity, isRequired))
      builders.set(profile.entity, builder)
    }
    const target = features.push(index) - 1
    const slotOf = (path: string, types: readonly FieldType[]) => slots.valueSlot(path, missing === 'reject', types)
    switch (profile.as) {
      case 'ratio':
      case 'zScore':
      case 'unrest': {
        const of = profile.of ?? ''
        builder.moment(of, slotOf(of, ['number']), profile.halfLifeMs, { as: profile.as, target })
        break
      }
      case 'count1h':
        builder.window(hourMs, target)
        break
      case 'count24h':
        builder.window(dayMs, target)
        break
      case 'sinceLast':
        builder.sinceLast(target)
        break
      case 'kmPerHour': {
        const { latitude, longitude } = profile
        builder.position(latitude, longitude, slotOf(latitude, ['number']), slotOf(longitude, ['number']), target)
        break
      }
      case 'newValue': {
        const of = profile.of ?? ''
        builder.novelty(of, slotOf(of, ['text', 'number', 'boolean']), target)
        break
      }
    }
  }
  if (features.length === 0) return null
  return { entities: [...builders.values()].map((builder) => builder.plan()), features }
}

/** Lays out the record of one kind of entity; features that ask for the same share its cells. */
class EntityBuilder {
  private readonly field: string
  private readonly slot: number
  private cells: number = ProfileCell.first
  private populationCells = 0
  private readonly moments: (MomentPlan & { readonly asked: Asked[] })[] = []
  private readonly windows: (WindowPlan & { readonly targets: number[] })[] = []
  private readonly since: number[] = []
  private readonly positions: PositionPlan[] = []
  private readonly novelties: NoveltyPlan[] = []
  /** What the cells mean, in their order. */
  private readonly meaning: unknown[] = []

  constructor(field: string, slot: number) {
    this.field = field
    this.slot = slot
  }

  moment(of: string, slot: number, halfLifeMs: number, asked: Asked): void {
    const known = this.moments.find((moment) => moment.slot === slot && moment.halfLifeMs === halfLifeMs)
    if (known !== undefined) {
      known.asked.push(asked)
      return
    }
    this.meaning.push(['moment', of, halfLifeMs])
    const population = this.population(PopulationCell.count)
    this.moments.push({ slot, halfLifeMs, cell: this.take(MomentCell.size), population, asked: [asked] })
  }

  window(spanMs: number, target: number): void {
    const known = this.windows.find((window) => window.spanMs === spanMs)
    if (known !== undefined) {
      known.targets.push(target)
      return
    }
    this.meaning.push(['window', spanMs])
    this.windows.push({ spanMs, cell: this.take(1), targets: [target] })
  }

  sinceLast(target: number): void {
    this.since.push(target)
  }

  position(latitude: string, longitude: string, latitudeSlot: number, longitudeSlot: number, target: number): void {
    this.meaning.push(['position', latitude, longitude])
    this.positions.push({ latitudeSlot, longitudeSlot, cell: this.take(PositionCell.size), target })
  }

  novelty(of: string, slot: number, target: number): void {
    this.meaning.push(['novelty', of])
    const population = this.population(NoveltyCell.count)
    this.novelties.push({ slot, sketch: this.novelties.length, population, target })
  }

  plan(): EntityPlan {
    const longestMs = Math.max(
      dayMs,
      ...this.moments.map(({ halfLifeMs }) => halfLifeMs),
      ...this.windows.map(({ spanMs }) => spanMs),
    )
    return {
      field: this.field,
      slot: this.slot,
      cells: this.cells,
      sketches: this.novelties.length,
      populationCells: this.populationCells,
      moments: this.moments,
      windows: this.windows,
      sinceLast: this.since,
      positions: this.positions,
      novelties: this.novelties,
      strayMs: strayHalfLives * longestMs,
      layout: fnv1a64(new TextEncoder().encode(JSON.stringify([1, this.field, this.meaning]))),
    }
  }

  private take(cells: number): number {
    this.cells += cells
    return this.cells - cells
  }

  private population(cells: number): number {
    this.populationCells += cells
    return this.populationCells - cells
  }
}
