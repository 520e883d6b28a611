/** ISO 8601 texts as times, the same on every machine: Date.parse reads a text without a zone in the machine's own. */

/** A date; then perhaps a time of day, to the minute, the second or below; then perhaps a zone. */
const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?(?:[Zz]|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?)?$/
const longest = 64

/**
 * Milliseconds since the epoch of the text of `length` bytes at `start`; NaN when it is no ISO 8601 date or date and
 * time in the extended form (with hyphens and colons). Without a zone it is UTC; what is below a millisecond is dropped.
 */
export function isoTime(bytes: Uint8Array, start: number, length: number): number {
  if (length > longest) return Number.NaN
  const found = iso.exec(String.fromCharCode(...bytes.subarray(start, start + length)))
  if (found === null) return Number.NaN
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    sign,
    zoneHour = '0',
    zoneMinute = '0',
  ] = found
  const date = new Date(0)
  const midnight = date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  // There is no 30 February: it would be read as 1 March.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return Number.NaN
  const minutes = Number(hour) * 60 + Number(minute)
  const ahead = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1)
  const ms = Number(second) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
  return midnight + (minutes - ahead) * 60_000 + ms
}
