import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldSpec } from '../../../src/core/fields/fields.ts'
import { jsonProjection } from '../../../src/core/fields/json-projection.ts'
import { eventsOf, type Outcome, projected, wanted } from './projecting.ts'

function read(fields: readonly FieldSpec[], ...events: (string | Uint8Array | null)[]): Outcome[] {
  const values = events.map((event) => (typeof event === 'string' ? new TextEncoder().encode(event) : event))
  return projected(jsonProjection(fields, { maxEventBytes: 1_000_000 }), fields, eventsOf(values))
}

/** What the fields of a parsed object are, by the rules in the doc. */
function walk(event: object, path: string): unknown {
  if (Object.hasOwn(event, path)) return (event as Record<string, unknown>)[path] ?? undefined
  return path.split('.').reduce<unknown>((value, name) => {
    if (value === undefined) return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return Object.hasOwn(value, name) ? ((value as Record<string, unknown>)[name] ?? undefined) : undefined
  }, event)
}

describe('jsonProjection', () => {
  test('gives what a walk over the parsed object gives', () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'a.b', '__proto__', 'constructor', 'toString')
    const { object } = fc.letrec((tie) => ({
      object: fc.dictionary(keys, tie('value'), { noNullPrototype: false, maxKeys: 5 }),
      value: fc.oneof(
        { depthSize: 'small' },
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.string({ unit: 'grapheme' }),
        fc.constant(null),
        fc.array(fc.integer(), { maxLength: 2 }),
        tie('object'),
      ),
    }))
    const paths = fc.constantFrom(
      'a',
      'b',
      'a.b',
      'a.b.c',
      '__proto__',
      '__proto__.a',
      'constructor',
      'constructor.name',
    )
    fc.assert(
      fc.property(object, fc.uniqueArray(paths, { minLength: 1 }), (event, chosen) => {
        const text = JSON.stringify(event)
        const expected = chosen.map((path) => walk(JSON.parse(text), path))
        const outcome = expected.some((value) => typeof value === 'object') ? 'wrong_type' : expected
        expect(
          read(
            chosen.map((path) => wanted(path)),
            text,
          ),
        ).toEqual([outcome])
      }),
      { numRuns: 500 },
    )
  })

  test.each<[string, string, Outcome]>([
    ['a number', '{"x":1.5}', [1.5]],
    ['a number in quotes', '{"x":"1.5"}', 'wrong_type'],
    ['a boolean where a number is wanted', '{"x":true}', 'wrong_type'],
    ['an array', '{"x":[1]}', 'wrong_type'],
    ['an object', '{"x":{}}', 'wrong_type'],
    ['a number that is infinite as a double', '{"x":1e999}', 'not_finite'],
    ['NaN, which JSON does not have', '{"x":NaN}', 'malformed'],
    ['null', '{"x":null}', 'missing_field'],
    ['no such field', '{}', 'missing_field'],
    ['the last of two of a name', '{"x":1,"x":2}', [2]],
    ['a field of the prototype only', '{"__proto__":{"x":1}}', 'missing_field'],
    ['an array at the top', '[1]', 'malformed'],
    ['a number at the top', '1', 'malformed'],
    ['null at the top', 'null', 'malformed'],
    ['blanks only', '  ', 'malformed'],
    ['an object cut short', '{"x":1', 'malformed'],
    ['something after the object', '{"x":1}{}', 'malformed'],
    ['a byte order mark', '\ufeff{"x":1}', [1]],
    ['nested 64 deep', `{"x":1,"y":${'['.repeat(63)}${']'.repeat(63)}}`, [1]],
    ['nested 65 deep', `{"x":1,"y":${'['.repeat(64)}${']'.repeat(64)}}`, 'too_deep'],
    ['nested 10,000 deep', `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'too_deep'],
    ['10,000 brackets that never close', '['.repeat(10_000), 'too_deep'],
  ])('a required number: %s', (_, text, outcome) => {
    expect(read([wanted('x!', ['number'])], text)).toEqual([outcome])
  })

  test('half a surrogate pair is no UTF-8, escaped or not', () => {
    const raw = Uint8Array.of(0x7b, 0x22, 0x78, 0x22, 0x3a, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d)
    expect(read([wanted('x')], '{"x":"\\ud83d"}', '{"x":"\\ude00\\ud83d"}', '{"x":"\\ud83d\\ude00"}', raw)).toEqual([
      'invalid_utf8',
      'invalid_utf8',
      ['😀'],
      'invalid_utf8',
    ])
  })

  test('a text of any length and script comes out as it went in', () => {
    const texts = ['', 'a', 'é'.repeat(5000), '交易', 'a'.repeat(20_000), '\u0000"\\', '😀'.repeat(3000)]
    const outcomes = read([wanted('x')], ...texts.map((x) => JSON.stringify({ x })))
    expect(outcomes).toEqual(texts.map((text) => [text]))
  })

  test('null, nothing and too much are told apart before a byte is read', () => {
    const long = `{"x":"${'a'.repeat(1_000_000)}"}`
    expect(read([wanted('x')], null, '', long)).toEqual(['tombstone', 'empty_value', 'too_large'])
  })

  test('the way to a field may end in null, but not in anything else than an object', () => {
    const fields = [wanted('a.b', ['number'])]
    expect(read(fields, '{"a":null}', '{"a":{}}', '{"a":5}', '{"a":[]}', '{"a.b":3,"a":5}')).toEqual([
      [undefined],
      [undefined],
      'wrong_type',
      'wrong_type',
      [3],
    ])
  })

  test('a whole number that doubles round is its digits where it must be exact, and only there', () => {
    const fields = [{ ...wanted('id'), exact: true }, { ...wanted('a.id'), exact: true }, wanted('x')]
    const big = '12345678901234567890'
    expect(
      read(
        fields,
        `{"id":${big},"a":{"id":-9007199254740992},"x":${big}}`,
        '{"id":9007199254740991,"a":{"id":1e20},"x":1}',
        `{"id":"${big}","id":0.5,"a":{"id":-0}}`,
        `{"id":1e999,"x":${big}}`,
      ),
    ).toEqual([
      [big, '-9007199254740992', 12345678901234567000],
      [9007199254740991, 1e20, 1],
      [0.5, -0, undefined],
      'not_finite',
    ])
  })

  test('random bytes have an outcome, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(['malformed', 'invalid_utf8', 'too_deep']).toContain(read([wanted('x!')], bytes)[0])
      }),
    )
  })
})
