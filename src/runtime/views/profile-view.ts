/** What is known of one entity, as people and other programs read it. */
import { z } from 'zod'
import type { FeaturePlan } from '../../core/features/feature-plan.ts'
import { newestOf } from '../../core/profiles/glimpse.ts'
import { type EntityPlan, MomentCell, PositionCell, ProfileCell } from '../../core/profiles/profile-plan.ts'
import type { Profiles } from '../../core/profiles/profiles.ts'

export const profileViewSchema = z
  .object({
    field: z.string().meta({ description: 'The field that names the entity.' }),
    entity: z.string().meta({ description: 'Its value.' }),
    partition: z.int().min(0).meta({ description: 'The partition whose events it is of.' }),
    events: z.int().min(0).meta({ description: 'Events that it has met.' }),
    newestMs: z.number().meta({ description: 'Time of the newest of them, in ms since the epoch.' }),
    offset: z.int().min(0).meta({ description: 'Offset of the last of them.' }),
    usual: z
      .array(
        z.object({
          features: z.array(z.string()).meta({ description: 'The features that it feeds.' }),
          mean: z.number().meta({ description: 'Decayed mean of the values that were not held back.' }),
          deviation: z.number().meta({ description: 'Their standard deviation.' }),
          weight: z.number().meta({ description: 'How many values they count for.' }),
        }),
      )
      .meta({ description: 'What is usual of a field.' }),
    recent: z
      .array(
        z.object({
          features: z.array(z.string()),
          spanMs: z.number().meta({ description: 'How far back, smoothly.' }),
          events: z.number().meta({ description: 'Events within it, when the newest came.' }),
        }),
      )
      .meta({ description: 'How many of late.' }),
    places: z
      .array(z.object({ features: z.array(z.string()), latitude: z.number(), longitude: z.number(), atMs: z.number() }))
      .meta({ description: 'Where it was last.' }),
  })
  .meta({ id: 'Profile', description: 'What is known of one entity.' })

export type ProfileView = z.infer<typeof profileViewSchema>

/** The profile of the entity with the newest event; null: none of these partitions has one. */
export function profileView(
  plan: FeaturePlan,
  held: ReadonlyMap<number, Profiles>,
  field: string,
  entity: string,
): ProfileView | null {
  const kind = plan.profiles?.entities.findIndex((of) => of.field === field) ?? -1
  if (plan.profiles === null || kind < 0) return null
  const key = new TextEncoder().encode(entity)
  const newest = newestOf([...held.values()], kind, key, 0, key.length)
  if (newest === null) return null
  const { profiles, slot } = newest
  const [partition] = [...held].find(([, of]) => of === profiles) ?? [0]
  const { table } = profiles.entities[kind]
  const cells = table.values.subarray(slot * table.cells, (slot + 1) * table.cells)
  const nameOf = (target: number) => plan.features[plan.profiles?.features[target] ?? 0].spec.name
  return {
    field,
    entity,
    partition,
    events: cells[ProfileCell.events],
    newestMs: cells[ProfileCell.timeMs],
    offset: cells[ProfileCell.offset],
    ...knownBy(plan.profiles.entities[kind], cells, nameOf),
  }
}

function knownBy(
  { moments, windows, positions }: EntityPlan,
  cells: Float64Array,
  nameOf: (target: number) => string,
): Pick<ProfileView, 'usual' | 'recent' | 'places'> {
  return {
    usual: moments.map(({ cell, asked }) => {
      const weight = cells[cell + MomentCell.weight]
      return {
        features: asked.map(({ target }) => nameOf(target)),
        mean: cells[cell + MomentCell.mean],
        deviation: weight > 0 ? Math.sqrt(cells[cell + MomentCell.m2] / weight) : 0,
        weight,
      }
    }),
    recent: windows.map(({ cell, spanMs, targets }) => {
      return { features: targets.map(nameOf), spanMs, events: cells[cell] }
    }),
    places: positions
      .filter(({ cell }) => cells[cell + PositionCell.known] === 1)
      .map(({ cell, target }) => ({
        features: [nameOf(target)],
        latitude: cells[cell + PositionCell.latitude],
        longitude: cells[cell + PositionCell.longitude],
        atMs: cells[cell + PositionCell.timeMs],
      })),
  }
}
