/** What was told of planted streams, judged by what was planted. */
import type { PlantedRun } from './one-run.ts'
import type { Told } from './planted.ts'

/** A change that is not told so many events after it has ended is not found. */
export const patienceEvents = 20_000

/** What is told, but is no alarm. */
const harmless = ['cleared', 'recurring']

interface Judged {
  /** Alarms before the plant, and events in which they could have been. */
  readonly falseAlarms: number
  readonly quietEvents: number
  /** Null: nothing was planted. */
  readonly found: { readonly first: Told; readonly delay: number } | null
}

export interface ScenarioResult {
  readonly runs: number
  /** Null: nothing was planted. */
  readonly found: number | null
  /** Of those found, by their first alarm; null: nothing to judge. */
  readonly rightKind: number | null
  readonly rightFeature: number | null
  readonly delays: readonly number[]
  readonly falseAlarms: number
  readonly quietEvents: number
  /** Kinds of the first alarms, with how often each came. */
  readonly kinds: Readonly<Record<string, number>>
}

function judged({ plant, told, events, judgedFrom }: PlantedRun): Judged {
  const alarms = told.filter(({ kind, at }) => at > judgedFrom && (kind === null || !harmless.includes(kind)))
  const plantedAt = plant?.at ?? events
  const first = alarms.find(({ at }) => plant !== null && at > plantedAt && at <= plant.until + patienceEvents)
  return {
    falseAlarms: alarms.filter(({ at }) => at <= plantedAt).length,
    quietEvents: plantedAt - judgedFrom,
    found: first === undefined ? null : { first, delay: first.at - plantedAt },
  }
}

export function resultOf(runs: readonly PlantedRun[]): ScenarioResult {
  const all = runs.map((run) => ({ plant: run.plant, ...judged(run) }))
  const found = all.flatMap(({ plant, found: of }) => (plant === null || of === null ? [] : [{ plant, ...of }]))
  const named = found.filter(({ first }) => first.kind !== null)
  const ofFeatures = found.filter(({ plant }) => plant.features.length > 0)
  const kinds: Record<string, number> = {}
  for (const { first } of found) kinds[first.kind ?? 'alarm'] = (kinds[first.kind ?? 'alarm'] ?? 0) + 1
  return {
    runs: runs.length,
    found: all.some(({ plant }) => plant !== null) ? found.length / runs.length : null,
    rightKind: share(named, ({ plant, first }) => plant.kinds.includes(first.kind!)),
    rightFeature: share(ofFeatures, ({ plant, first }) => plant.features.includes(first.features[0])),
    delays: found.map(({ delay }) => delay).sort((a, b) => a - b),
    falseAlarms: all.reduce((sum, of) => sum + of.falseAlarms, 0),
    quietEvents: all.reduce((sum, of) => sum + of.quietEvents, 0),
    kinds,
  }
}

function share<T>(of: readonly T[], is: (each: T) => boolean): number | null {
  return of.length === 0 ? null : of.filter(is).length / of.length
}

export function median(sorted: readonly number[]): number | null {
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)]
}
