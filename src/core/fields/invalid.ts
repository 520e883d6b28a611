/** Why an event is invalid: the one catalogue. The index is what columns carry; 0 means valid. */
export const invalidReasons = [
  'valid',
  'tombstone',
  'empty_value',
  'too_large',
  'not_wire_format',
  'unknown_schema',
  'unsupported_schema',
  'malformed',
  'invalid_utf8',
  'too_deep',
  'missing_field',
  'wrong_type',
  'not_finite',
  'out_of_range',
  'key_too_large',
] as const

export type InvalidReason = Exclude<(typeof invalidReasons)[number], 'valid'>

/** Columns hold the index of a reason; this is how code names one. */
export const reasonCode = Object.fromEntries(invalidReasons.map((reason, code) => [reason, code])) as {
  readonly [R in (typeof invalidReasons)[number]]: number
}

/** What each means to the producer who must mend it. */
export const reasonMeaning: { readonly [R in InvalidReason]: string } = {
  tombstone: 'The value is null.',
  empty_value: 'The value has no bytes.',
  too_large: 'The value is larger than input.maxEventBytes.',
  not_wire_format: 'The value does not start with the magic byte and schema id of the registry.',
  unknown_schema: 'The registry has no schema of that id.',
  unsupported_schema: 'The schema is not an Avro record that the features can be read from.',
  malformed: 'The bytes are not what the schema (or JSON) says: cut short, trailing, or with an impossible length.',
  invalid_utf8: 'A text is not UTF-8.',
  too_deep: 'Values are nested more than 64 deep.',
  missing_field: 'A required field is absent or null.',
  wrong_type: 'A field has a type that its use does not allow.',
  not_finite: 'A number is NaN or infinite.',
  key_too_large: 'The key is larger than half of what a record of the assignments or anomalies topic may have.',
  out_of_range: 'The id is empty or longer than 256 bytes, or the time lies outside the years 0001 to 9999.',
}
