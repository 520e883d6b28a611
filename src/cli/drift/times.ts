/** Times as people read them at night: UTC, to the second, and how long ago. */

/** 2026-01-31 12:00:05Z; what is no time a calendar has is a dash. */
export function timeText(ms: number | null): string {
  const date = new Date(ms ?? Number.NaN)
  return Number.isNaN(date.getTime())
    ? '–'
    : date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z')
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** 3 h ago; what lies ahead, because two clocks differ, is now. */
export function agoText(ms: number, nowMs: number): string {
  const [unit, of] = units.find(([, each]) => nowMs - ms >= each) ?? ['s', 1_000]
  const count = Math.floor((nowMs - ms) / of)
  return count > 0 ? `${count} ${unit} ago` : 'now'
}
