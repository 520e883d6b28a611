import { describe, expect, test } from 'vitest'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { invalidReasons, reasonCode, reasonMeaning } from '../../src/core/fields/invalid.ts'
import { appendDeadLetter, deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { batchOf, type TestRecord, written } from './batches.ts'

const source = { topic: 'payments', name: 'cards', maxBytes: 2000 }

function letterOf(record: TestRecord, reason: number, partition = 0, offset = 0) {
  const outputs = new OutputColumns()
  const batch = batchOf([{ value: 'before' }, record, { value: 'after' }], partition, offset - 1)
  appendDeadLetter(outputs, 'dead', source, batch, 1, reason)
  const letters = written(outputs)
  expect(letters).toHaveLength(1)
  return letters[0]
}

describe('a dead letter', () => {
  test('is the event itself, in its own partition: key, value, timestamp and headers', () => {
    const headers = [
      { name: 'trace', value: Buffer.from('abc') },
      { name: 'trace', value: Buffer.alloc(0) },
    ]
    const value = Uint8Array.of(0, 255, 0, 1)
    const letter = letterOf({ key: 'k', value, timestamp: 1_772_282_096_000, headers }, reasonCode.malformed, 7, 20)
    expect(letter).toMatchObject({ topic: 'dead', partition: 7, key: 'k', timestamp: 1_772_282_096_000 })
    expect(letter.value).toEqual(Buffer.from(value))
    expect(letter.headers.slice(0, 2)).toEqual([
      ['trace', 'abc'],
      ['trace', ''],
    ])
  })

  test('says where the event was and why it is dead, in the headers of Kafka Connect', () => {
    const { headers } = letterOf({ value: '{' }, reasonCode.missing_field, 3, 2 ** 53 - 3)
    expect(Object.fromEntries(headers)).toEqual({
      '__connect.errors.topic': 'payments',
      '__connect.errors.partition': '3',
      '__connect.errors.offset': '9007199254740989',
      '__connect.errors.connector.name': 'cards',
      '__connect.errors.stage': 'VALUE_CONVERTER',
      '__connect.errors.exception.class.name': 'missing_field',
      '__connect.errors.exception.message': 'A required field is absent or null.',
    })
    expect(headers).toHaveLength(7)
  })

  test('of a dead letter that was sent through again says last what happened last', () => {
    const old = [{ name: deadLetterHeaders.offset, value: Buffer.from('1') }]
    const { headers } = letterOf({ value: '{', headers: old }, reasonCode.malformed, 0, 9)
    expect(headers.filter(([name]) => name === deadLetterHeaders.offset).map(([, value]) => value)).toEqual(['1', '9'])
  })

  test.each<[string, { key: number; value: number; header: number }, string | null]>([
    ['that fits', { key: 100, value: 1000, header: 100 }, null],
    ['whose value has no room', { key: 100, value: 1600, header: 100 }, 'value (1600 bytes)'],
    ['whose value is huge', { key: 100, value: 50_000_000, header: 100 }, 'value (50000000 bytes)'],
    ['whose headers have no room', { key: 100, value: 0, header: 1600 }, 'value (0 bytes), headers (1613 bytes)'],
    [
      'whose key has no room',
      { key: 1900, value: 9, header: 1600 },
      'value (9 bytes), headers (1613 bytes), key (1900 bytes)',
    ],
  ])('of an event %s takes no more than its topic takes, and says what it leaves out', (_, size, omitted) => {
    const headers = [{ name: 'abc', value: Buffer.alloc(size.header) }]
    const record = { key: 'k'.repeat(size.key), value: Buffer.alloc(size.value), headers }
    const letter = letterOf(record, reasonCode.too_large, 1, 8)
    const found = Object.fromEntries(letter.headers)
    expect(found[deadLetterHeaders.omitted] ?? null).toBe(omitted)
    expect([found[deadLetterHeaders.reason], found[deadLetterHeaders.offset]]).toEqual(['too_large', '8'])
    expect(letter.value?.length ?? null).toBe(omitted === null ? size.value : null)
    expect(letter.key?.length ?? null).toBe(omitted?.includes('key') ? null : size.key)
    expect('abc' in found).toBe(!omitted?.includes('headers'))
    const bytes = letter.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    expect(bytes + (letter.key?.length ?? 0) + (letter.value?.length ?? 0)).toBeLessThanOrEqual(source.maxBytes + 200)
  })

  test('of a tombstone has no value, of an empty value an empty one', () => {
    expect(letterOf({ value: null }, reasonCode.tombstone, 0, 5).value).toBeNull()
    expect(letterOf({ value: '' }, reasonCode.empty_value, 0, 5).value).toEqual(Buffer.alloc(0))
    expect(letterOf({ value: null, key: '' }, reasonCode.tombstone, 0, 5).key).toBe('')
  })

  test('has a meaning for every reason of the catalogue', () => {
    for (const reason of invalidReasons) {
      if (reason === 'valid') continue
      const { headers } = letterOf({ value: '' }, reasonCode[reason], 0, 5)
      expect(Object.fromEntries(headers)[deadLetterHeaders.reason]).toBe(reason)
      expect(Object.fromEntries(headers)[deadLetterHeaders.message]).toBe(reasonMeaning[reason])
    }
  })
})
