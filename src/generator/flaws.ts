/** The ways in which a record can be invalid. */
import type { InvalidReason } from '../core/fields/invalid.ts'

interface FlawFacts {
  /** What the dead letter will say, when the configuration's features include the amount. */
  readonly reason: InvalidReason
  readonly formats: readonly EventFormat[]
}

export type EventFormat = 'avro' | 'json'

export const flaws = {
  tombstone: { reason: 'tombstone', formats: ['avro', 'json'] },
  empty_value: { reason: 'empty_value', formats: ['avro', 'json'] },
  truncated: { reason: 'malformed', formats: ['avro', 'json'] },
  trailing_bytes: { reason: 'malformed', formats: ['avro', 'json'] },
  invalid_utf8: { reason: 'invalid_utf8', formats: ['avro', 'json'] },
  not_finite: { reason: 'not_finite', formats: ['avro', 'json'] },
  missing_field: { reason: 'missing_field', formats: ['avro', 'json'] },
  wrong_type: { reason: 'wrong_type', formats: ['avro', 'json'] },
  empty_id: { reason: 'out_of_range', formats: ['avro', 'json'] },
  not_wire_format: { reason: 'not_wire_format', formats: ['avro'] },
  unknown_schema: { reason: 'unknown_schema', formats: ['avro'] },
  impossible_length: { reason: 'malformed', formats: ['avro'] },
  too_deep: { reason: 'too_deep', formats: ['json'] },
} as const satisfies Record<string, FlawFacts>

export type Flaw = keyof typeof flaws

/** The flaws that a record in this format can have. */
export function flawsOf(format: EventFormat): readonly Flaw[] {
  return (Object.keys(flaws) as Flaw[]).filter((flaw) => (flaws[flaw].formats as readonly string[]).includes(format))
}
