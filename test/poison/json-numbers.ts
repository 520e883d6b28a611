/** Every numeric field of a JSON event with every number, and what is none. */
import { type JsonField, jsonText } from './json-events.ts'
import { type Outcome, type PoisonRecord, poison } from './poison-record.ts'

const fields: readonly JsonField[] = ['amount', 'balance', 'risk', 'device.score']

/** As the text stands in the event. */
const numbers: readonly (readonly [string, string, Outcome])[] = [
  ['-0', '-0', 'assigned'],
  ['the least subnormal', '5e-324', 'assigned'],
  ['a negative subnormal', '-4.9e-320', 'assigned'],
  ['less than the least subnormal', '1e-400', 'assigned'],
  ['1e308', '1e308', 'assigned'],
  ['the least finite number', '-1.7976931348623157e308', 'assigned'],
  ['a whole number that a double rounds', '9007199254740993', 'assigned'],
  ['the largest long', '9223372036854775807', 'assigned'],
  ['10,000 zeros behind the point', `0.${'0'.repeat(10_000)}1`, 'assigned'],
  ['10,000 digits', '1'.repeat(10_000), 'not_finite'],
  ['10,000 digits and as large an exponent', `${'1'.repeat(10_000)}e-9990`, 'assigned'],
  ['1e309', '1e309', 'not_finite'],
  ['-1e999999999', '-1e999999999', 'not_finite'],
  ['NaN', 'NaN', 'malformed'],
  ['Infinity', 'Infinity', 'malformed'],
  ['-Infinity', '-Infinity', 'malformed'],
  ['a plus sign', '+1', 'malformed'],
  ['a leading zero', '01', 'malformed'],
  ['no digit before the point', '.5', 'malformed'],
  ['no digit behind the point', '1.', 'malformed'],
  ['no digit in the exponent', '1e', 'malformed'],
  ['hexadecimal digits', '0x10', 'malformed'],
  ['an underscore', '1_000', 'malformed'],
  ['a decimal comma', '1,5', 'malformed'],
  ['Arabic digits', '١٢', 'malformed'],
  ['nothing', '', 'malformed'],
  ['a minus sign alone', '-', 'malformed'],
  ['a number in quotes', '"12"', 'wrong_type'],
  ['an empty text', '""', 'wrong_type'],
  ['true', 'true', 'wrong_type'],
  ['an array', '[1]', 'wrong_type'],
  ['an object', '{"value":1}', 'wrong_type'],
]

export const jsonNumbers: readonly PoisonRecord[] = fields.flatMap((field) =>
  numbers.map(([name, text, outcome]) => poison(`${field} is ${name}`, outcome, jsonText({ [field]: text }))),
)
