/** One record that no producer should send, and what must become of it. */
import type { InvalidReason } from '../../src/core/fields/invalid.ts'
import type { Header } from '../../src/stages/records.ts'

export interface PoisonRecord {
  /** What is wrong with it; no two have the same. */
  readonly name: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
  /** Null: when it was sent. */
  readonly timestamp: number | null
  readonly outcome: Outcome
}

/** It has one assignment, or one dead letter for exactly this reason. */
export type Outcome = 'assigned' | InvalidReason

export type Envelope = Partial<Pick<PoisonRecord, 'key' | 'headers' | 'timestamp'>>

export function poison(
  name: string,
  outcome: Outcome,
  value: Buffer | string | null,
  envelope: Envelope = {},
): PoisonRecord {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return { name, outcome, value: bytes, key: Buffer.from(`key of ${name}`), headers: [], timestamp: null, ...envelope }
}
