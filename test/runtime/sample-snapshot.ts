/** A snapshot, for tests of what keeps them. */
import type { Snapshot } from '../../src/runtime/ports.ts'

export function snapshot(version: number, more: Partial<Snapshot> = {}): Snapshot {
  return {
    name: 'cards',
    version,
    bornAtMs: 1_700_000_000_000,
    fingerprint: '00ff10a0b0c0d0e0',
    offset: 100 + version,
    publishedAtMs: 1_700_000_100_000 + version,
    bytes: Buffer.from(`model ${version}`),
    ...more,
  }
}
