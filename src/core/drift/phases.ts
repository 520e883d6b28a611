/**
 * What each hour of the day looks like: a daily cycle is no drift where the same hours looked so on the days before. Hours
 * are those of the records' times, in UTC. A window counts for each hour that it overlaps.
 */
import { type Drift, mostPhases } from './drift.ts'
import { addTally, emptyLike, type Tally } from './tally.ts'

const hourMs = 3_600_000
const dayMs = mostPhases * hourMs
/** An hour is known once it was seen on so many days, and is as it is from so many days on: what moves for weeks is drift. */
const knownDays = 3
const mostDays = 8
/** A window longer than this is of no hour. */
const mostMs = dayMs / 2

/** What the hours of a tally look like (not to be changed: it may be what is known), or null where one of them is not known. */
export function hoursOf({ phases }: Drift, tally: Tally): Tally | null {
  const of = hoursAt(tally)
  if (of.length === 0 || phases.length === 0) return null
  if (!of.every((hour) => phases[hour].visits >= knownDays)) return null
  if (of.length === 1) return phases[of[0]]
  const all = emptyLike(tally)
  for (const hour of of) addTally(all, phases[hour])
  return all
}

/** How many hours of the day are known. */
export function knownHours({ phases }: Drift): number {
  return phases.filter(({ visits }) => visits >= knownDays).length
}

/** Lets the hours of a window (IN and OUT: `drift`) learn it. */
export function learnHours(drift: Drift, window: Tally): void {
  const { fromMs, toMs } = window
  if (toMs - fromMs > mostMs) return
  const of = hoursAt(window)
  if (of.length === 0) return
  if (drift.phases.length === 0) drift.phases = Array.from({ length: mostPhases }, () => emptyLike(window))
  const day = Math.floor(toMs / dayMs)
  for (const hour of of) {
    const phase = drift.phases[hour]
    const isNewDay = phase.visits === 0 || day > Math.floor(phase.toMs / dayMs)
    if (phase.visits >= mostDays && isNewDay) continue
    addTally(phase, window)
    if (isNewDay) phase.visits += 1
  }
}

/** The hours that it overlaps, each once; [] where its records have no time. */
function hoursAt({ fromMs, toMs }: Tally): readonly number[] {
  if (fromMs <= 0 || toMs < fromMs) return []
  const first = Math.floor(fromMs / hourMs)
  const count = Math.min(mostPhases, Math.floor(toMs / hourMs) - first + 1)
  const hours: number[] = []
  for (let i = 0; i < count; i++) hours.push((first + i) % mostPhases)
  return hours
}
