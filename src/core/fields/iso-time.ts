/**
 * ISO 8601 texts as times, the same on every machine: Date.parse reads a text without a zone in the machine's own, and
 * takes whatever else looks like a date to it. By hand and from the bytes, because every event may have one.
 */

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const noTime = Number.NaN

const space = 0x20
const plus = 0x2b
const comma = 0x2c
const hyphen = 0x2d
const point = 0x2e
const colon = 0x3a
const t = 0x74
const z = 0x7a
/** Set in a letter's byte, it makes it a small one. */
const lowerCase = 0x20

/**
 * Milliseconds since the epoch of the text of `length` bytes at `start`; NaN when it is no date, or date and time, of ISO
 * 8601's extended form (with hyphens and colons; to the minute, the second or a fraction of it; `T` or a space between). Without
 * a zone it is UTC; what is below a millisecond is dropped.
 */
export function isoTime(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length
  const midnight = length < 10 ? noTime : dateMs(bytes, start)
  if (length <= 10 || Number.isNaN(midnight)) return midnight
  if (!isBetween(bytes[start + 10])) return noTime
  const hour = twoDigits(bytes, start + 11, end, 23)
  const minute = twoDigits(bytes, start + 14, end, 59)
  if (hour < 0 || minute < 0 || bytes[start + 13] !== colon) return noTime
  let at = start + 16
  let ms = hour * hourMs + minute * minuteMs
  if (at < end && bytes[at] === colon) {
    const second = twoDigits(bytes, at + 1, end, 59)
    if (second < 0) return noTime
    ms += second * 1000
    at += 3
    if (at < end && (bytes[at] === point || bytes[at] === comma)) {
      const first = ++at
      for (let unit = 100; at < end && isDigit(bytes[at]); at++, unit = Math.floor(unit / 10)) {
        ms += (bytes[at] - 0x30) * unit
      }
      if (at === first) return noTime
    }
  }
  return midnight + ms - zoneMs(bytes, at, end)
}

/** The date in the ten bytes at `at`, or NaN. */
function dateMs(bytes: Uint8Array, at: number): number {
  const century = twoDigits(bytes, at, at + 2, 99)
  const yearOfCentury = twoDigits(bytes, at + 2, at + 4, 99)
  const month = twoDigits(bytes, at + 5, at + 7, 12)
  const day = twoDigits(bytes, at + 8, at + 10, 31)
  if (century < 0 || yearOfCentury < 0 || bytes[at + 4] !== hyphen || bytes[at + 7] !== hyphen) return noTime
  const year = century * 100 + yearOfCentury
  if (month < 1 || day < 1 || day > daysOf(month, year)) return noTime
  return daysSinceEpoch(year, month, day) * dayMs
}

function daysOf(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** In the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil): its year begins in March. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** How far the zone in [at, end) is ahead of UTC: nothing, `Z`, `+01`, `+0130` or `+01:30`; NaN when it is none of them. */
function zoneMs(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 0
  if (at + 1 === end) return (bytes[at] | lowerCase) === z ? 0 : noTime
  const sign = bytes[at] === plus ? 1 : bytes[at] === hyphen ? -1 : noTime
  const hours = twoDigits(bytes, at + 1, end, 23)
  if (hours < 0) return noTime
  if (at + 3 === end) return sign * hours * hourMs
  const minutesAt = at + (bytes[at + 3] === colon ? 4 : 3)
  const minutes = twoDigits(bytes, minutesAt, end, 59)
  return minutes < 0 || minutesAt + 2 !== end ? noTime : sign * (hours * hourMs + minutes * minuteMs)
}

/** The number in the two bytes at `at`, at most `most`; -1 when there is none before `end`. */
function twoDigits(bytes: Uint8Array, at: number, end: number, most: number): number {
  if (at + 2 > end || !isDigit(bytes[at]) || !isDigit(bytes[at + 1])) return -1
  const value = (bytes[at] - 0x30) * 10 + bytes[at + 1] - 0x30
  return value <= most ? value : -1
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** What may stand between date and time. */
function isBetween(byte: number): boolean {
  return (byte | lowerCase) === t || byte === space
}
