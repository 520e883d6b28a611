/** When events of each kind were told: a row for each kind, a column for each stretch of time. */

import type { ToldEvent } from '../../runtime/views/drift/told-event.ts'
import { columns } from '../bars.ts'
import { grouped } from '../output.ts'
import { timeText } from './times.ts'

const width = 48

export function timeline(events: readonly ToldEvent[]): readonly string[] {
  const times = events.flatMap(({ detectedAt }) => (detectedAt === null ? [] : [detectedAt]))
  const from = times.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY)
  const to = times.reduce((most, ms) => Math.max(most, ms), Number.NEGATIVE_INFINITY)
  if (!(to > from)) return []
  const counts = new Map<string, number[]>()
  for (const { kind, detectedAt } of events) {
    if (detectedAt === null) continue
    const row = counts.get(kind) ?? new Array<number>(width).fill(0)
    counts.set(kind, row)
    row[Math.min(width - 1, Math.floor(((detectedAt - from) / (to - from)) * width))]++
  }
  const most = Math.max(...[...counts.values()].flat())
  const name = Math.max(...[...counts.keys()].map(({ length }) => length))
  const [first, last] = [timeText(from), timeText(to)]
  const rows = [...counts].sort(([a], [b]) =>
    isOfDrift(a) === isOfDrift(b) ? a.localeCompare(b) : isOfDrift(a) ? -1 : 1,
  )
  return [
    `${' '.repeat(name)}  ${first}${last.padStart(width - first.length)}`,
    ...rows.map(
      ([kind, row]) => `${kind.padEnd(name)}  ${columns(row, most)}  ${grouped(row.reduce((a, b) => a + b, 0))}`,
    ),
  ]
}

function isOfDrift(kind: string): boolean {
  return kind.startsWith('drift.')
}
