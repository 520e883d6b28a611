/** Labelled streams that change: what each window was compared with and what was told, and the clusters beside a refit. */
import { join } from 'node:path'
import { windowRows } from '../../src/cli/backtest/drift-windows.ts'
import { openTable } from '../../src/cli/backtest/labelled-events.ts'
import { Recording } from '../../src/cli/backtest/recording.ts'
import type { Axis } from '../../src/cli/backtest/report/axes.ts'
import { linePlot, type Plot, type Point, type Series } from '../../src/cli/backtest/report/chart.ts'
import { DriftTrace } from '../replay/drift-trace.ts'
import { openReplay } from '../replay/open-replay.ts'
import { plate } from './plate.ts'
import { withTold } from './told-strokes.ts'

/** By the name of their file; what is drawn of each needs its data. */
const streamNames = ['elec2', 'souza_2cdt', 'moving_squares', 'chess_transient', 'kdd99_sa'] as const

/** How each picture is drawn, by its name, from the folder that the streams lie in. */
export const streamPictures: Readonly<Record<string, (folder: string) => Promise<string>>> = Object.fromEntries(
  streamNames.map((name) => [`drift-${name.replace('_', '-')}`, (folder: string) => streamPicture(folder, name)]),
)

/** Neither labels nor what describes the rows are features. */
const columns = { labelColumn: 'label', ignore: ['meta_*'] }
const shownFeatures = 3
const tones = ['ours', 'c1', 'c2']
/** More points than this are not seen. */
const mostPoints = 260

async function streamPicture(folder: string, name: string): Promise<string> {
  const whole = { keyColumn: null, timeColumn: null, shuffle: null, rows: null }
  const table = await openTable({ path: join(folder, `${name}.csv.gz`), ...columns, ...whole })
  const features = table.numeric.map((field) => ({ field }))
  const replay = openReplay({ input: { format: 'json', time: null }, features })
  const { plan, drift } = replay.settings
  const trace = new DriftTrace(plan)
  const recording = new Recording({ plan, warmup: 1000, truth: null })
  const watcher = {
    version: (scorer: Parameters<Recording['version']>[0]) => {
      recording.version(scorer)
      trace.watcher.version(scorer)
    },
    scored: recording.scored.bind(recording),
    anomaly: recording.anomaly.bind(recording),
    batchEnded: recording.batchEnded.bind(recording),
  }
  const { events } = await replay.run(table.events('id'), watcher, { onUpdates: trace.onUpdates })
  recording.drift.finish()
  const x: Axis = { label: 'row', domain: [0, events], format: (value) => value.toLocaleString('en-US') }
  return plate([distancesOf(name, trace, table.numeric, drift.ksThreshold, x), inertiaOf(recording, x)])
}

function distancesOf(name: string, trace: DriftTrace, names: readonly string[], threshold: number, x: Axis): Plot {
  const { windows, told } = trace
  const mean = (f: number) => windows.reduce((sum, { fromReference }) => sum + fromReference[f], 0)
  const order = Array.from(names.keys()).sort((a, b) => mean(b) - mean(a) || a - b)
  const series = order.slice(0, shownFeatures).map((f, i): Series => {
    const points = windows.map(({ end, fromReference }): Point => [end, fromReference[f]])
    return { name: names[f], tone: tones[i], points: thinned(points) }
  })
  const y: Axis = { label: 'distance from what was', domain: [0, 1] }
  const drifts = told.filter(({ kind }) => kind !== 'drift.cleared').length
  const plot = linePlot(
    {
      title: `${name}: ${drifts} ${drifts === 1 ? 'drift' : 'drifts'} told`,
      caption: `Of ${x.domain[1].toLocaleString('en-US')} rows, by feature, in each 1,000; those that changed most.`,
      ...{ x, y },
    },
    series,
    [{ name: 'threshold', tone: 'budget', at: { y: threshold } }],
  )
  return withTold(plot, x, y, told)
}

function inertiaOf({ drift: { windows } }: Recording, x: Axis): Plot {
  const rows = windows.reduce((sum, window) => sum + window.rows, 0)
  const mean = (of: 'inertia' | 'refit') => windows.reduce((sum, window) => sum + window[of] * window.rows, 0) / rows
  const ratio = mean('inertia') / mean('refit')
  // Of a window whose rows all lie at one place there is none.
  const positive = windows.flatMap(({ inertia, refit }) => [inertia, refit]).filter((value) => value > 0)
  const [low, high] = [Math.min(...positive), Math.max(...positive)]
  // The first window is what the second is the refit's of.
  const last = x.domain[1]
  const points = (of: 'inertia' | 'refit') =>
    thinned(
      windows.map(
        (window, i): Point => [Math.min(last, (i + 2) * windowRows), window[of] > 0 ? window[of] : Number.NaN],
      ),
    )
  return linePlot(
    {
      title: `Inertia per window: ${short(mean('inertia'))}, ${ratio.toFixed(3)} of a refit's`,
      caption: `Mean squared distance of 1,000 rows before they are learned; k-means refitted on the window before has ${short(mean('refit'))}.`,
      x,
      y: { label: 'inertia', domain: [low / 1.2, high * 1.2], isLog: true },
    },
    [
      { name: 'Shoal', tone: 'ours', points: points('inertia') },
      { name: 'refit on the window before', tone: 'baseline', points: points('refit') },
    ],
  )
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}

/** Every so-many-th point, so that a file stays small. */
function thinned(points: readonly Point[]): readonly Point[] {
  const each = Math.ceil(points.length / mostPoints)
  return points.filter((_, i) => i % each === 0)
}
