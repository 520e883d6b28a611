/** The feature configuration compiled: which fields to read, and which columns of a row they fill. */

import { FieldKind, type FieldSpec, type FieldType } from '../fields/fields.ts'
import { type ProfilePlan, planProfiles } from '../profiles/profile-plan.ts'
import type { FeatureSpec } from './features.ts'

/** One column of a row. */
export interface Column {
  /** Index into the plan's features. */
  readonly feature: number
  /** √weight: stretches the axis, so that the feature's share of the squared distance is multiplied by its weight. */
  readonly stretch: number
  /**
   * The spread to divide by when it is known beforehand, else null and the running one is used. Categories stand
   * at distance 1 from one another, and a cycle has the spread of a uniform one: standardising those would turn a
   * rare category into a far one.
   */
  readonly fixedScale: number | null
}

/** One feature with the slot it reads and the columns it fills. */
export interface PlannedFeature {
  readonly spec: FeatureSpec
  /** Index of its field in `FeaturePlan.fields`; of a profile feature one behind those, which its profile fills. */
  readonly slot: number
  readonly firstColumn: number
  /** Without the indicator. */
  readonly columns: number
  /** Column that says that the value is missing, or -1. */
  readonly indicatorColumn: number
  /** UTF-8 of the declared values of a one-hot, else []. */
  readonly categories: readonly Uint8Array[]
  /** By kind of a field, whether the transform takes it: 1 or 0. */
  readonly fits: Uint8Array
}

export interface FeaturePlan {
  /** Fields to read: the id first, then the time when there is one, then those of the features. */
  readonly fields: readonly FieldSpec[]
  /** Slots of an event: its fields, then what profiles say of it. */
  readonly slots: number
  /** Null: no feature asks for a profile. */
  readonly profiles: ProfilePlan | null
  /** Slot of the time field, or -1. */
  readonly timeSlot: number
  /** Milliseconds in one unit of a plain number in a time field. */
  readonly timeUnitMs: number
  readonly features: readonly PlannedFeature[]
  readonly columns: readonly Column[]
  /** The field whose values are the segments that drift is looked for in, and its slot; null: none. */
  readonly segment: { readonly field: string; readonly slot: number } | null
}

export interface FeatureInput {
  readonly id: string
  readonly time: string | null
  readonly timeUnitMs: number
  readonly features: readonly FeatureSpec[]
  /** Unset or null: no field says which segment an event is of. */
  readonly segmentField?: string | null
}

export const idSlot = 0

const accepts: { readonly [K in FeatureSpec['transform']['kind']]: readonly FieldType[] } = {
  none: ['number'],
  log: ['number'],
  auto: ['number'],
  squash: ['number'],
  hourOfDay: ['number', 'text'],
  dayOfWeek: ['number', 'text'],
  boolean: ['boolean', 'number'],
  oneHot: ['text', 'number', 'boolean'],
  hash: ['text', 'number', 'boolean'],
}

const typeOfKind: { readonly [K in keyof typeof FieldKind]: FieldType | null } = {
  missing: null,
  number: 'number',
  milliseconds: 'number',
  boolean: 'boolean',
  text: 'text',
  arenaText: 'text',
}

/** By kind of a field, whether it may feed the transform: 1 or 0 (`missing` may always). */
function fitsOf({ transform }: FeatureSpec): Uint8Array {
  const fits = new Uint8Array(Object.keys(FieldKind).length)
  for (const [name, kind] of Object.entries(FieldKind)) {
    const type = typeOfKind[name as keyof typeof FieldKind]
    fits[kind] = type === null || accepts[transform.kind].includes(type) ? 1 : 0
  }
  return fits
}

/** How many columns a feature fills, its indicator included. */
export function columnCount(spec: FeatureSpec): number {
  return transformColumns(spec) + (spec.missing === 'indicator' ? 1 : 0)
}

function transformColumns(spec: FeatureSpec): number {
  switch (spec.transform.kind) {
    case 'hourOfDay':
    case 'dayOfWeek':
      return 2
    case 'oneHot':
      return spec.transform.values.length
    case 'hash':
      return spec.transform.buckets
    default:
      return 1
  }
}

function fixedScale(spec: FeatureSpec): number | null {
  switch (spec.transform.kind) {
    case 'none':
    case 'log':
    case 'auto':
    case 'squash':
      return null
    case 'hourOfDay':
    case 'dayOfWeek':
      return Math.SQRT1_2
    default:
      return 1
  }
}

/** Compiles the feature configuration. Names are unique and every rule of the configuration holds already. */
export function planFeatures(input: FeatureInput): FeaturePlan {
  const fields: FieldSpec[] = [{ path: input.id, required: true, accepts: ['text', 'number'], exact: true }]
  // The id has a slot of its own: what a feature may take for a value need not do for an id.
  const slots = new Map<string, number>()
  const slotOf = (path: string, required: boolean, types: readonly FieldType[]): number => {
    const known = slots.get(path)
    if (known === undefined) {
      slots.set(path, fields.length)
      fields.push({ path, required, accepts: types })
      return fields.length - 1
    }
    const field = fields[known]
    fields[known] = { path, required: field.required || required, accepts: [...new Set([...field.accepts, ...types])] }
    return known
  }
  const timeSlot = input.time === null ? -1 : slotOf(input.time, true, ['number', 'text'])
  const profiles = planProfiles(input.features, {
    valueSlot: slotOf,
    // One of its own: two entities must not become one, whatever a feature takes the same field for.
    entitySlot: (path, required) => fields.push({ path, required, accepts: ['text', 'number'], exact: true }) - 1,
  })
  const features: PlannedFeature[] = []
  const columns: Column[] = []
  const encoder = new TextEncoder()
  for (const spec of input.features) {
    const count = transformColumns(spec)
    const firstColumn = columns.length
    const column = { feature: features.length, stretch: Math.sqrt(spec.weight), fixedScale: fixedScale(spec) }
    for (let c = 0; c < count; c++) columns.push(column)
    const indicatorColumn = spec.missing === 'indicator' ? columns.length : -1
    if (indicatorColumn >= 0) columns.push({ ...column, fixedScale: 1 })
    features.push({
      spec,
      slot:
        spec.profile === undefined ? slotOf(spec.field, spec.missing === 'reject', accepts[spec.transform.kind]) : -1,
      firstColumn,
      columns: count,
      indicatorColumn,
      categories: spec.transform.kind === 'oneHot' ? spec.transform.values.map((value) => encoder.encode(value)) : [],
      fits: fitsOf(spec),
    })
  }
  const profiled = profiles === null ? [] : profiles.features
  // One of its own: a feature may take the same field for something else.
  const segmentField = input.segmentField ?? null
  const segment =
    segmentField === null
      ? null
      : {
          field: segmentField,
          slot: fields.push({ path: segmentField, required: false, accepts: ['text', 'number', 'boolean'] }) - 1,
        }
  return {
    fields,
    segment,
    slots: fields.length + profiled.length,
    profiles,
    timeSlot,
    timeUnitMs: input.timeUnitMs,
    features: features.map((feature, f) => {
      const target = profiled.indexOf(f)
      return target < 0 ? feature : { ...feature, slot: fields.length + target }
    }),
    columns,
  }
}
