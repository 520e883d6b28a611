/** The fingerprint of a configuration, as text and as the eight bytes that records carry. */
import type { FeatureInput } from './feature-plan.ts'
import { fnv1a64 } from './fnv.ts'

export const fingerprintBytes = 8

/**
 * Sixteen hex digits that name what a model's columns and clusters mean. Two configurations with the same
 * fingerprint can read each other's models; any other model is refused.
 */
export function fingerprintOf(input: FeatureInput, k: number): string {
  const features = input.features.map((f) => [f.name, f.field, f.transform, f.weight, f.missing])
  return fnv1a64(new TextEncoder().encode(JSON.stringify(['shoal', 1, k, input.timeUnitMs, features])))
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
