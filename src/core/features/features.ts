/** What a feature is: a field, a transform, a weight and what a missing value means. */

export type Transform =
  | { readonly kind: 'none' }
  | { readonly kind: 'log' }
  /** `log` or `none`, as the sample of the birth says. */
  | { readonly kind: 'auto' }
  | { readonly kind: 'squash' }
  | { readonly kind: 'hourOfDay' }
  | { readonly kind: 'dayOfWeek' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'oneHot'; readonly values: readonly string[] }
  | { readonly kind: 'hash'; readonly buckets: number }

/** What is asked of an entity's profile: profile-entry.ts and profile-moments.ts say how each is computed. */
export const profileKinds = [
  'ratio',
  'zScore',
  'unrest',
  'count1h',
  'count24h',
  'sinceLast',
  'kmPerHour',
  'newValue',
] as const

export type ProfileKind = (typeof profileKinds)[number]

/** A number that an event has by what was seen of its entity before. */
export interface ProfileSpec {
  /** Field that names the entity. */
  readonly entity: string
  readonly as: ProfileKind
  /** Field that is profiled; null for kinds that ask for none. */
  readonly of: string | null
  /** Fields of the position in degrees, for `kmPerHour`. */
  readonly latitude: string
  readonly longitude: string
  /** After so long what was seen of an entity counts half. */
  readonly halfLifeMs: number
}

export type MissingPolicy = 'reject' | 'mean' | 'indicator'

export interface FeatureSpec {
  readonly name: string
  /** The field that is read; of a profile feature the one that is profiled, or else the entity's. */
  readonly field: string
  /** Present: the value is not the field's own, but what the profile of its entity makes of the event. */
  readonly profile?: ProfileSpec
  readonly transform: Transform
  /** Multiplies the feature's share of the squared distance. */
  readonly weight: number
  readonly missing: MissingPolicy
}
