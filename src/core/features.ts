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

export type MissingPolicy = 'reject' | 'mean' | 'indicator'

export interface FeatureSpec {
  readonly name: string
  readonly field: string
  readonly transform: Transform
  /** Multiplies the feature's share of the squared distance. */
  readonly weight: number
  readonly missing: MissingPolicy
}
