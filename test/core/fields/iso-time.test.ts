import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { isoTime } from '../../../src/core/fields/iso-time.ts'

const zone = process.env.TZ

afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

/** The time that a text says, read from between other bytes. */
function read(text: string): number {
  return isoTime(Buffer.from(`9${text}9`), 1, Buffer.byteLength(text))
}

test.each([
  ['1970-01-01', 0],
  ['1970-01-01T00:00Z', 0],
  ['1969-12-31T23:59:59.999Z', -1],
  ['2026-02-28T12:34:56Z', 1_772_282_096_000],
  ['2026-02-28 12:34:56', 1_772_282_096_000],
  ['2026-02-28t12:34:56z', 1_772_282_096_000],
  ['2026-02-28T12:34:56.7Z', 1_772_282_096_700],
  ['2026-02-28T12:34:56,789123456Z', 1_772_282_096_789],
  ['2026-02-28T18:04:56+05:30', 1_772_282_096_000],
  ['2026-02-28T18:04:56+0530', 1_772_282_096_000],
  ['2026-02-28T07:34:56-05', 1_772_282_096_000],
  [`2026-02-28T12:34:56.78${'9'.repeat(60)}Z`, 1_772_282_096_789],
  ['2024-02-29', 1_709_164_800_000],
  ['2000-02-29', 951_782_400_000],
  ['0001-01-01', -62_135_596_800_000],
  ['0000-12-31', -62_135_683_200_000],
  ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
])('%s is %d', (text, ms) => {
  expect(read(text)).toBe(ms)
})

test.each([
  '',
  '2026',
  '2026-02',
  '2026-2-8',
  '2026-02-29',
  '1900-02-29',
  '2026-04-31',
  '2026-06-31',
  '2026-09-31',
  '2026-11-31',
  // A 9 follows each text in memory.
  '2026-01-0',
  '2026-01-01T12:0',
  '2026-01-01T12:00:0',
  '2026-01-01T12:00:00+0',
  '2026-01-01T12.00',
  '2026-13-01',
  '2026-00-01',
  '2026-01-00',
  '2026-01-01T24:00Z',
  '2026-01-01T12:60Z',
  '2026-01-01T12:00:60Z',
  '2026-01-01T12',
  '2026-01-01T12:00:00.Z',
  '2026-01-01Z',
  '2026-01-01T12:00:00+24:00',
  '2026-01-01T12:00:00 +01:00',
  '20260101T120000Z',
  ' 2026-01-01',
  '2026-01-01\n',
  'Jan 1 2026',
  '1/2/2026',
  '1772282096000',
  '２０２６-01-01',
  '2026-01-01T12:00:0Z',
  '2026-01-01T12:00:00,',
  '2026-01-01T12:00:00+1',
  '2026-01-01T12:00:00+01:',
  '2026-01-01T12:00:00+01:3',
  '2026-01-01T12:00:00+01:60',
  '2026-01-01T12:00:00+01:30Z',
  '2026-01-01T12:00:00*01:30',
  '2026-01-01T12:00Y',
  '2026-01-01T1200Z',
  '2026/01/01',
  '2026-01-01_12:00',
])('%j is no time', (text) => {
  expect(read(text)).toBeNaN()
})

test('a text without a zone is UTC wherever the machine stands', () => {
  for (const place of ['UTC', 'Asia/Kolkata', 'America/Los_Angeles', 'Pacific/Apia']) {
    process.env.TZ = place
    expect([read('2026-07-01T00:00:00'), read('2026-07-01'), read('0001-01-01T00:00')]).toEqual([
      1_782_864_000_000, 1_782_864_000_000, -62_135_596_800_000,
    ])
  }
  process.env.TZ = 'Asia/Kolkata'
  expect(new Date('2026-07-01T00:00:00').getTime()).toBe(1_782_864_000_000 - 19_800_000)
})

test('every time of the years 0001 to 9999 is read back from its text', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
      expect(read(new Date(ms).toISOString())).toBe(ms)
    }),
  )
})

test('what it makes of any such digits is a whole number of milliseconds, or no time', () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`))
  const text = fc
    .tuple(digits(4), digits(2), digits(2), digits(2), digits(2), digits(2), digits(3), digits(2), digits(2))
    .map(([y, mo, d, h, mi, s, f, zh, zm]) => `${y}-${mo}-${d}T${h}:${mi}:${s}.${f}-${zh}:${zm}`)
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (any) => {
      const ms = read(any)
      expect(Number.isNaN(ms) || Number.isSafeInteger(ms)).toBe(true)
    }),
  )
})
