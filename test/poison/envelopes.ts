/** What lies around a value: keys, headers and times, on an event that is valid and on one that is not. */
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import type { Header } from '../../src/stages/records.ts'
import { largestKey } from './pipeline-under-poison.ts'
import { type Envelope, type Outcome, type PoisonRecord, poison } from './poison-record.ts'

const header = (name: string, value: string | Buffer | null): Header => ({
  name,
  value: value === null ? null : Buffer.from(value),
})
const megabyte = 1024 * 1024

const envelopes: readonly (readonly [string, Envelope])[] = [
  ['no key', { key: null }],
  ['a key without bytes', { key: Buffer.alloc(0) }],
  ['a key that is no UTF-8', { key: Buffer.of(0xff, 0x00, 0xc3, 0x28) }],
  ['a key of a NUL', { key: Buffer.of(0) }],
  ['a key that says null', { key: Buffer.from('null') }],
  ['a key as large as a key may be', { key: Buffer.alloc(largestKey, 0x6b) }],
  ['a header without a value', { headers: [header('h', null)] }],
  ['a header of no bytes', { headers: [header('h', '')] }],
  ['a header without a name', { headers: [header('', 'v')] }],
  ['the same header three times', { headers: [header('h', '1'), header('h', '2'), header('h', '1')] }],
  ['a header of 100 kB', { headers: [header('h', Buffer.alloc(100_000, 1))] }],
  ['a header whose name has 10,000 letters', { headers: [header('n'.repeat(10_000), 'v')] }],
  ['a header whose value is no UTF-8', { headers: [header('h', Buffer.of(0xff, 0xfe))] }],
  ['a header named __proto__', { headers: [header('__proto__', 'v'), header('constructor', 'v')] }],
  ['5,000 headers', { headers: Array.from({ length: 5000 }, (_, i) => header(`h${i}`, `${i}`)) }],
  [
    'the headers of a dead letter',
    { headers: Object.values(deadLetterHeaders).map((name) => header(name, `what was in ${name}`)) },
  ],
  [
    'the headers of a dead letter, without values',
    { headers: Object.values(deadLetterHeaders).map((name) => header(name, null)) },
  ],
  ['the epoch for its time', { timestamp: 0 }],
  ['a time before the epoch', { timestamp: -86_400_000 }],
  ['the time that says that it has none', { timestamp: -1 }],
  ['a time in the year -271821', { timestamp: -8_640_000_000_000_000 }],
  ['a time of a year ahead', { timestamp: 2_000_000_000_000 }],
  ['a time in the year 275760', { timestamp: 8_640_000_000_000_000 }],
  ['the last time that a double holds', { timestamp: Number.MAX_SAFE_INTEGER }],
]

const largeKeys: readonly (readonly [string, Envelope])[] = [
  ['a key a byte larger than a key may be', { key: Buffer.alloc(largestKey + 1, 0x6b) }],
  ['a key of 1 MiB', { key: Buffer.alloc(megabyte, 0x6b) }],
]

/** Each with both values. */
export function envelopesOf(valid: Buffer, invalid: Buffer): PoisonRecord[] {
  const both =
    (outcome: Outcome) =>
    ([name, envelope]: readonly [string, Envelope]) => [
      poison(`it has ${name}`, outcome, valid, envelope),
      poison(`it has ${name}, and is malformed`, 'malformed', invalid, envelope),
    ]
  return [...envelopes.flatMap(both('assigned')), ...largeKeys.flatMap(both('key_too_large'))]
}
