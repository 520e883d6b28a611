/** The generator's card payments with a shift in them: what each window was compared with, and what was told. */
import type { Axis } from '../../src/cli/backtest/report/axes.ts'
import { linePlot, type Plot, type Point, type Series } from '../../src/cli/backtest/report/chart.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { PlantedShifts } from '../../src/generator/shifts.ts'
import { cardEvents, cardsPerDay, driftConfiguration, usualFrauds } from '../replay/card-events.ts'
import { DriftTrace, type TracedWindow } from '../replay/drift-trace.ts'
import { openReplay } from '../replay/open-replay.ts'
import { withTold } from './told-strokes.ts'

/** Each hour has been seen often enough after four days. */
export const shiftAt = 10 * cardsPerDay + 377

export const names = driftConfiguration.features.map(({ field }) => field)

export interface TracedCards extends Pick<DriftTrace, 'windows' | 'told'> {
  readonly model: Model
}

export async function traceCards(count: number, shifts: PlantedShifts, drift: object = {}): Promise<TracedCards> {
  const replay = openReplay({ ...driftConfiguration, drift })
  const trace = new DriftTrace(replay.settings.plan)
  const events = cardEvents({ seed: 1, count, shifts, frauds: usualFrauds })
  const { model } = await replay.run(events, trace.watcher, { onUpdates: trace.onUpdates })
  return { windows: trace.windows, told: trace.told, model }
}

/** What the detector looks at: the lesser of both, by feature. */
export function seen({ fromReference, fromHours }: TracedWindow): Float64Array {
  return fromHours === null ? fromReference : fromReference.map((x, f) => Math.min(x, fromHours[f]))
}

const tones = ['ours', 'c1', 'c2', 'c4']

interface Wanted {
  readonly title: string
  readonly caption: string
  /** Events of the stream. */
  readonly from: number
  readonly to: number
  /** Names of the features that are drawn. */
  readonly of: readonly string[]
  readonly mark?: { readonly name: string; readonly at: readonly number[] }
}

export function distancePlot({ windows, told, model }: TracedCards, wanted: Wanted): Plot {
  const { ksThreshold } = model.drift.options
  const { from, to, of, title, caption, mark } = wanted
  const series = of.map((name, i): Series => {
    const f = names.indexOf(name)
    const points = windows.filter(({ end }) => end >= from && end <= to).map((each): Point => [each.end, seen(each)[f]])
    return { name, tone: tones[i], points }
  })
  const x: Axis = { label: 'event', domain: [from, to], format: (value) => value.toLocaleString('en-US') }
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y)), ksThreshold)
  const y: Axis = { label: 'distance from what was', domain: [0, most * 1.08] }
  const drawing = { title, caption, x, y, ...(mark === undefined ? {} : { marks: mark }) }
  const plot = linePlot(drawing, series, [{ name: 'threshold', tone: 'budget', at: { y: ksThreshold } }])
  return withTold(
    plot,
    x,
    y,
    told.filter(({ row }) => row >= from && row <= to),
  )
}
