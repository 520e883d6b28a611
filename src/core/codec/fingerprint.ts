/** The fingerprint of a configuration, as text and as the eight bytes that records carry. */
import type { FeatureInput } from '../features/feature-plan.ts'
import type { ProfileSpec, Transform } from '../features/features.ts'
import { fnv1a64 } from '../features/fnv.ts'
import type { ClusterCount } from '../kmeans/k-choice.ts'

export const fingerprintBytes = 8

/**
 * Sixteen hex digits that name what a model's columns and clusters mean. Two configurations with the same
 * fingerprint can read each other's models; any other model is refused. What a feature is called is not part of it,
 * nor is what decides which events there are: the id, the time, the topic.
 */
export function fingerprintOf({ features, timeUnitMs }: FeatureInput, k: ClusterCount): string {
  const columns = features.map(({ field, transform, weight, missing, profile }) => {
    const meaning = [field, meaningOf(transform, timeUnitMs), weight, missing]
    return profile === undefined ? meaning : [...meaning, meaningOfProfile(profile, timeUnitMs)]
  })
  return fnv1a64(new TextEncoder().encode(JSON.stringify(['shoal', 1, k, columns])))
}

/** A transform and all that decides its columns. */
function meaningOf(transform: Transform, timeUnitMs: number): readonly unknown[] {
  switch (transform.kind) {
    case 'hourOfDay':
    case 'dayOfWeek':
      return [transform.kind, timeUnitMs]
    case 'oneHot':
      return [transform.kind, transform.values]
    case 'hash':
      return [transform.kind, transform.buckets]
    default:
      return [transform.kind]
  }
}

/** A kind of profile feature and all that decides its value. */
function meaningOfProfile(profile: ProfileSpec, timeUnitMs: number): readonly unknown[] {
  const { entity, as, latitude, longitude, halfLifeMs } = profile
  switch (as) {
    case 'ratio':
    case 'zScore':
    case 'unrest':
      return [as, entity, timeUnitMs, halfLifeMs]
    case 'kmPerHour':
      return [as, entity, timeUnitMs, latitude, longitude]
    default:
      return [as, entity, timeUnitMs]
  }
}

/** The eight bytes of sixteen hex digits. */
export function fingerprintToBytes(fingerprint: string): Uint8Array {
  return Uint8Array.from({ length: fingerprintBytes }, (_, i) =>
    Number.parseInt(fingerprint.slice(2 * i, 2 * i + 2), 16),
  )
}

/** Sixteen hex digits of eight bytes. */
export function fingerprintFromBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
