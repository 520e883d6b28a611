/** Values that are no JSON event, or one that stretches what JSON allows. */
import { jsonText } from './json-events.ts'
import { deepest, maxEventBytes } from './pipeline-under-poison.ts'
import { type Outcome, type PoisonRecord, poison } from './poison-record.ts'

const good = jsonText()
const without = (text: string, end: number) => text.slice(0, end)
const nested = (open: string, close: string, depth: number, inside = '') =>
  `${open.repeat(depth)}${inside}${close.repeat(depth)}`
const extra = (text: string) => jsonText({}, `,"extra":${text}`)
/** An event of exactly so many bytes. */
const ofBytes = (bytes: number) => {
  const around = extra('""').length
  return extra(`"${'x'.repeat(bytes - around)}"`)
}
/** The event with bytes that are no text in place of its country. */
const withBytes = (...bytes: number[]) => {
  const [before, after] = jsonText({ country: '"@@"' }).split('@@')
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
}

const shapes: readonly (readonly [string, string | Buffer | null, Outcome])[] = [
  ['a tombstone', null, 'tombstone'],
  ['no bytes', '', 'empty_value'],
  ['a space', ' ', 'malformed'],
  ['a NUL', '\0', 'malformed'],
  ['a number', '1', 'malformed'],
  ['a text', '"x"', 'malformed'],
  ['true', 'true', 'malformed'],
  ['null', 'null', 'malformed'],
  ['an array of an event', `[${good}]`, 'malformed'],
  ['no field', '{}', 'missing_field'],
  ['Avro', Buffer.of(0, 0, 0, 0, 1, 2, 0x78), 'malformed'],
  ['the end of an event', good.slice(1), 'malformed'],
  ['an event without its end', without(good, -1), 'malformed'],
  ['an event cut in a text', without(good, 7), 'malformed'],
  ['an event cut in a number', without(good, good.indexOf('12.5') + 3), 'malformed'],
  ['an event cut behind a colon', without(good, good.indexOf(':') + 1), 'malformed'],
  ['two events', good + good, 'malformed'],
  ['an event and a NUL', `${good}\0`, 'malformed'],
  ['an event and a comma', `${good},`, 'malformed'],
  ['an event and a line break', `${good}\r\n`, 'assigned'],
  ['a comma before its end', jsonText({}, ','), 'malformed'],
  ['a comment', `/* */${good}`, 'malformed'],
  ['single quotes', good.replaceAll('"', "'"), 'malformed'],
  ['a name without quotes', good.replace('"id"', 'id'), 'malformed'],
  ['a raw line break in a text', jsonText({ country: '"N\nO"' }), 'malformed'],
  ['an unknown escape', jsonText({ country: '"\\x41"' }), 'malformed'],
  ['an escape cut short', jsonText({ country: '"\\u12"' }), 'malformed'],
  ['a text that does not end', jsonText({ country: '"NO' }), 'malformed'],
  ['a backslash before its end', `${without(good, -1)}\\`, 'malformed'],
  ['a byte order mark before an event', `\ufeff${good}`, 'assigned'],
  ['two byte order marks before an event', `\ufeff\ufeff${good}`, 'malformed'],
  ['an event in UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), 'invalid_utf8'],
  ['an event in UTF-16 without a mark', Buffer.from(good, 'utf16le'), 'malformed'],
  ['gzip', Buffer.from('1f8b08000000000000ff', 'hex'), 'invalid_utf8'],
]

const encodings: readonly (readonly [string, readonly number[]])[] = [
  ['a continuation alone', [0x80]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['an overlong NUL', [0xc0, 0x80]],
  ['an overlong form in three bytes', [0xe0, 0x80, 0xaf]],
  ['an overlong form in four bytes', [0xf0, 0x80, 0x80, 0xaf]],
  ['a surrogate in three bytes', [0xed, 0xa0, 0x80]],
  ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ['a lead of five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ['0xff', [0xff]],
  ['a character cut in two', [0xe2, 0x82]],
  ['Latin-1', [0x4e, 0xd8]],
]

const deep = 100_000
const depths: readonly (readonly [string, string, Outcome])[] = [
  ['as deep as values may be', extra(nested('[', ']', deepest - 1)), 'assigned'],
  ['one deeper than values may be', extra(nested('[', ']', deepest)), 'too_deep'],
  ['objects one deeper than values may be', extra(nested('{"a":', '}', deepest, '1')), 'too_deep'],
  ['100,000 arrays in one another', extra(nested('[', ']', deep)), 'too_deep'],
  ['100,000 objects in one another', extra(nested('{"a":', '}', deep, '1')), 'too_deep'],
  ['100,000 arrays that do not end', '['.repeat(deep), 'too_deep'],
  ['100,000 arrays in place of a number', jsonText({ amount: nested('[', ']', deep) }), 'too_deep'],
  ['100,000 brackets in a text', extra(`"${'['.repeat(deep)}"`), 'assigned'],
  ['100,000 quotes in a text', extra(`"${'\\"['.repeat(deep)}"`), 'assigned'],
  ['brackets that close more than they open', `${good}${']'.repeat(deep)}`, 'malformed'],
  ['100,000 arrays side by side', extra(`[${'[],'.repeat(deep)}[]]`), 'assigned'],
]

const names: readonly (readonly [string, string, Outcome])[] = [
  ['a field given twice, the last of which is right', jsonText({ amount: '"x"' }, ',"amount":1'), 'assigned'],
  ['a field given twice, the last of which is wrong', jsonText({}, ',"amount":"x"'), 'wrong_type'],
  ['a field given twice, the last of which is null', jsonText({}, ',"amount":null'), 'missing_field'],
  ['a field given 10,000 times', jsonText({}, ',"amount":1'.repeat(10_000)), 'assigned'],
  ['a field that only __proto__ has', jsonText({ amount: null }, ',"__proto__":{"amount":1}'), 'missing_field'],
  ['a __proto__ of null', jsonText({}, ',"__proto__":null'), 'assigned'],
  ['a constructor', jsonText({}, ',"constructor":{"prototype":{"amount":1}}'), 'assigned'],
  ['a toString that is no function', jsonText({}, ',"toString":1,"valueOf":2,"hasOwnProperty":3'), 'assigned'],
  ['a name with the dot of a path', jsonText({ 'device.score': null }, ',"device.score":5'), 'assigned'],
  ['a name with the dot of a path, of the wrong type', jsonText({}, ',"device.score":"5"'), 'wrong_type'],
  ['a number on the way to a field', jsonText({ 'device.score': null }, ',"device":5'), 'wrong_type'],
  ['an array on the way to a field', jsonText({ 'device.score': null }, ',"device":[]'), 'wrong_type'],
  ['null on the way to a field', jsonText({ 'device.score': null }, ',"device":null'), 'assigned'],
  ['an escaped name', jsonText({ amount: null }, ',"\\u0061mount":1'), 'assigned'],
  ['a name in other letters', jsonText({ amount: null }, ',"Amount":1'), 'missing_field'],
  ['a name without letters', jsonText({}, ',"":1'), 'assigned'],
  [
    '20,000 fields that nobody wants',
    jsonText({}, Array.from({ length: 20_000 }, (_, i) => `,"f${i}":${i}`).join('')),
    'assigned',
  ],
  ['half a surrogate pair where nobody looks', jsonText({ tags: '["\\ud800"]' }), 'assigned'],
]

const sizes: readonly (readonly [string, number, Outcome])[] = [
  ['a byte less than an event may have', maxEventBytes - 1, 'assigned'],
  ['as many bytes as an event may have', maxEventBytes, 'assigned'],
  ['a byte more than an event may have', maxEventBytes + 1, 'too_large'],
  ['10 MB', 10 * 1024 * 1024, 'too_large'],
]

export const jsonTexts: readonly PoisonRecord[] = [
  ...shapes.map(([name, value, outcome]) => poison(`value is ${name}`, outcome, value)),
  ...encodings.map(([name, bytes]) => poison(`a text has ${name}`, 'invalid_utf8', withBytes(...bytes))),
  ...depths.map(([name, value, outcome]) => poison(`values are ${name}`, outcome, value)),
  ...names.map(([name, value, outcome]) => poison(`it has ${name}`, outcome, value)),
  ...sizes.map(([name, bytes, outcome]) => poison(`value has ${name}`, outcome, ofBytes(bytes))),
]
