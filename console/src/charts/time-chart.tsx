/** A chart over time. All of a page have one cross-hair, by mouse or by the arrow keys. */
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { paints } from '../paints.ts'
import { useShade } from '../theme.ts'
import { localTime, utc } from '../times.tsx'
import { crossHair, dashes, seriesFacts } from './series-facts.ts'

export interface Series {
  readonly label: string
  readonly values: readonly (number | null)[]
  /** Variable of style.css. */
  readonly colour: string
}

interface TimeChartProps {
  readonly title: string
  /** What the axis counts: `events/s`. */
  readonly unit: string
  /** ms since the epoch. */
  readonly at: readonly number[]
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  readonly height?: number
}

export function TimeChart({ title, unit, at, series, format, height = 116 }: TimeChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const [cursor, setCursor] = useState<number | null>(null)
  const shade = useShade()
  const shape = `${shade} ${height} ${series.map(({ label, colour }) => `${label} ${colour}`).join(', ')}`

  // Data come by setData: only another shape needs another chart.
  useEffect(() => {
    const into = holder.current
    if (into === null) return
    const made = new uPlot(
      optionsOf({ series, format, height, width: into.clientWidth }, setCursor),
      dataOf(at, series),
      into,
    )
    plot.current = made
    const watched = new ResizeObserver(() => made.setSize({ width: into.clientWidth, height }))
    watched.observe(into)
    return () => {
      watched.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [shape])
  useEffect(() => plot.current?.setData(dataOf(at, series)), [at, series])

  const shown = cursor !== null && cursor < at.length ? cursor : at.length - 1
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60 }[event.key]
    const u = plot.current
    if (step === undefined || u === null || at.length === 0) return
    event.preventDefault()
    const to = Math.min(Math.max(shown + step, 0), at.length - 1)
    // Told to the others, too: the declaration does not know of the last parameter.
    const setCursor: (at: { left: number; top: number }, fire: boolean, tell: boolean) => void = u.setCursor
    setCursor({ left: u.valToPos(at[to] / 1000, 'x'), top: 0 }, true, true)
  }
  const saidAt = (i: number) =>
    `${localTime(at[i])}: ${series.map(({ label, values }) => `${label} ${textOf(values[i], format)}`).join(', ')}`
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">
          {title} <span class="quiet">{unit}</span>
        </span>
        <span class="chart-now num">
          {series.map(({ label, values, colour }, i) => (
            <span key={label} title={exactOf(values[shown])}>
              {series.length > 1 && <i class="key" data-dashed={i > 0} style={{ color: `var(${colour})` }} />}
              {series.length > 1 && <span class="quiet">{label} </span>}
              {textOf(values[shown], format)}
            </span>
          ))}
          {cursor !== null && at[shown] !== undefined && (
            <time class="quiet" title={utc(at[shown])}>
              {localTime(at[shown])}
            </time>
          )}
        </span>
      </figcaption>
      <div
        ref={holder}
        class="plot"
        role="slider"
        tabIndex={0}
        aria-label={seriesFacts(title, unit, at, series, format)}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, at.length - 1)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={at[shown] === undefined ? 'nothing yet' : saidAt(shown)}
        onKeyDown={move}
        onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
      />
    </figure>
  )
}

function textOf(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}

function exactOf(value: number | null | undefined): string {
  return value === null || value === undefined ? 'not known' : String(value)
}

function dataOf(at: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  return [at.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])]
}

interface Look extends Pick<TimeChartProps, 'series' | 'format'> {
  readonly height: number
  readonly width: number
}

function optionsOf({ series, format, height, width }: Look, onCursor: (index: number | null) => void): uPlot.Options {
  const colours = paints(['--quiet', '--line', ...series.map(({ colour }) => colour)])
  const axis = { stroke: colours.get('--quiet') ?? '', font: '11px system-ui', ticks: { show: false } }
  const grid = { stroke: colours.get('--line') ?? '', width: 1 }
  return {
    width,
    height,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: crossHair }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_, low, high) => rangeOf(low, high) } },
    axes: [
      { ...axis, size: 22, grid: { show: false }, space: 84, incrs: timeSteps, values: (_, at) => at.map(hourText) },
      { ...axis, size: 54, grid, values: (_, at) => at.map(format), space: 30 },
    ],
    series: [
      {},
      ...series.map(({ label, colour }, i) => {
        const stroke = colours.get(colour) ?? ''
        return { label, stroke, width: 1.5, points: { show: false }, dash: [...(dashes[i] ?? [])] }
      }),
    ],
    hooks: { setCursor: [({ cursor: { idx, left } }) => onCursor(idx != null && (left ?? -1) >= 0 ? idx : null)] },
  }
}

/** In seconds; none is finer than what an axis writes. */
const timeSteps = [60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400, 604_800]

function hourText(seconds: number): string {
  return localTime(seconds * 1000).slice(-8, -3)
}

/** From 0, so that heights can be compared; a flat line lies in the middle. */
function rangeOf(low: number | null, high: number | null): [number, number] {
  if (high === null || low === null) return [0, 1]
  const top = high > 0 ? high * 1.1 : low < 0 ? 0 : 1
  return [Math.min(0, low * 1.1), top]
}
