/** Ids, times, texts and categories of JSON events. */
import { jsonText } from './json-events.ts'
import { longestId } from './pipeline-under-poison.ts'
import { type Outcome, type PoisonRecord, poison } from './poison-record.ts'
import { timeNumbers, timeTexts } from './times.ts'

const quoted = (text: string) => JSON.stringify(text)

const ids: readonly (readonly [string, string | null, Outcome])[] = [
  ['absent', null, 'missing_field'],
  ['null', 'null', 'missing_field'],
  ['an empty text', '""', 'out_of_range'],
  ['as long as an id may be', quoted('i'.repeat(longestId)), 'assigned'],
  ['a byte longer than an id may be', quoted('i'.repeat(longestId + 1)), 'out_of_range'],
  ['as long as an id may be, in two bytes a letter', quoted('é'.repeat(longestId / 2)), 'assigned'],
  ['short in letters, but too long in bytes', quoted('é'.repeat(longestId / 2 + 1)), 'out_of_range'],
  ['a megabyte long', quoted('i'.repeat(1_000_000)), 'out_of_range'],
  ['0', '0', 'assigned'],
  ['-0', '-0', 'assigned'],
  ['1e308', '1e308', 'assigned'],
  ['a whole number that a double rounds', '9007199254740993', 'assigned'],
  ['a number as long as an id may be', '1'.repeat(longestId), 'assigned'],
  ['a number longer than an id may be', '1'.repeat(longestId + 1), 'out_of_range'],
  ['a number beyond all doubles', '1'.repeat(400), 'not_finite'],
  ['true', 'true', 'wrong_type'],
  ['an array', '["x"]', 'wrong_type'],
  ['an object', '{"id":"x"}', 'wrong_type'],
  ['a byte order mark', '"\\ufeff"', 'assigned'],
  ['a NUL', '"\\u0000"', 'assigned'],
  ['a line break', '"a\\nb"', 'assigned'],
  ['half a surrogate pair', '"\\ud800"', 'invalid_utf8'],
  ['the other half', '"\\udc00x"', 'invalid_utf8'],
  ['a whole surrogate pair', '"\\ud83d\\udca3"', 'assigned'],
  ['__proto__', '"__proto__"', 'assigned'],
  ['1,000 combining marks', quoted(`a${'\u0301'.repeat(1000)}`), 'out_of_range'],
]

const categories: readonly (readonly [string, string | null, Outcome])[] = [
  ['absent', null, 'assigned'],
  ['null', 'null', 'assigned'],
  ['never declared', '"pigeon"', 'assigned'],
  ['an empty text', '""', 'assigned'],
  ['a declared number', '7', 'assigned'],
  ['a declared boolean', 'true', 'assigned'],
  ['1e308', '1e308', 'assigned'],
  ['-0', '-0', 'assigned'],
  ['100 kB long', quoted('c'.repeat(100_000)), 'assigned'],
  ['constructor', '"constructor"', 'assigned'],
  ['a byte order mark before a declared one', '"\\ufeffchip"', 'assigned'],
  ['a NUL behind a declared one', '"chip\\u0000"', 'assigned'],
  ['half a surrogate pair', '"\\udfff"', 'invalid_utf8'],
  ['an array', '["chip"]', 'wrong_type'],
  ['an object', '{"chip":true}', 'wrong_type'],
  ['1e999', '1e999', 'not_finite'],
]

const flags: readonly (readonly [string, string, Outcome])[] = [
  ['2', '2', 'assigned'],
  ['-0', '-0', 'assigned'],
  ['5e-324', '5e-324', 'assigned'],
  ['a text', '"true"', 'wrong_type'],
  ['null', 'null', 'assigned'],
  ['an array', '[true]', 'wrong_type'],
  ['1e999', '1e999', 'not_finite'],
  ['True', 'True', 'malformed'],
]

const otherTimes: readonly (readonly [string, string | null, Outcome])[] = [
  ['absent', null, 'missing_field'],
  ['null', 'null', 'missing_field'],
  ['true', 'true', 'wrong_type'],
  ['an object', '{"$date":0}', 'wrong_type'],
  ['1e308', '1e308', 'out_of_range'],
  ['-1e308', '-1e308', 'out_of_range'],
  ['1e999', '1e999', 'not_finite'],
  ['half a millisecond', '0.5', 'assigned'],
  ['10,000 digits behind the second', quoted(`2026-01-01T00:00:00.${'9'.repeat(10_000)}Z`), 'assigned'],
  ['a date and 100 kB', quoted(`2026-01-01${' '.repeat(100_000)}`), 'wrong_type'],
  ['half a surrogate pair', '"\\ud800"', 'invalid_utf8'],
]

export const jsonFields: readonly PoisonRecord[] = [
  ...ids.map(([name, id, outcome]) => poison(`id is ${name}`, outcome, jsonText({ id }))),
  ...otherTimes.map(([name, at, outcome]) => poison(`at is ${name}`, outcome, jsonText({ at }))),
  ...timeTexts.map(([text, outcome]) => poison(`at is ${quoted(text)}`, outcome, jsonText({ at: quoted(text) }))),
  ...timeNumbers.map(([name, ms, outcome]) => poison(`at is ${name}`, outcome, jsonText({ at: String(ms) }))),
  ...timeTexts
    .slice(0, 4)
    .map(([text, outcome]) => poison(`seen is ${quoted(text)}`, outcome, jsonText({ seen: quoted(text) }))),
  ...timeNumbers.map(([name, ms, outcome]) => poison(`seen is ${name}`, outcome, jsonText({ seen: String(ms) }))),
  poison('seen is null', 'assigned', jsonText({ seen: 'null' })),
  ...categories.map(([name, channel, outcome]) => poison(`channel is ${name}`, outcome, jsonText({ channel }))),
  ...categories.map(([name, country, outcome]) => poison(`country is ${name}`, outcome, jsonText({ country }))),
  ...flags.map(([name, online, outcome]) => poison(`online is ${name}`, outcome, jsonText({ online }))),
  poison('amount is null', 'missing_field', jsonText({ amount: 'null' })),
  poison('amount is absent', 'missing_field', jsonText({ amount: null })),
  ...(['balance', 'risk', 'device.score'] as const).flatMap((field) => [
    poison(`${field} is null`, 'assigned', jsonText({ [field]: 'null' })),
    poison(`${field} is absent`, 'assigned', jsonText({ [field]: null })),
  ]),
]
