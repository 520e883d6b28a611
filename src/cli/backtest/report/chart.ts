/** Charts as inline SVG, with a legend above: lines, step areas, stacked areas. */
import { area, curveStepAfter, line, stack } from 'd3-shape'
import { type Axis, type Frame, frame, size } from './axes.ts'
import { coordinate, element, escaped, textElement } from './markup.ts'

export type Point = readonly [number, number]

export interface Series {
  readonly name: string
  /** Which colour and dash of the style sheet it has. */
  readonly tone: string
  readonly points: readonly Point[]
}

export interface Guide {
  readonly name: string
  readonly tone: string
  /** A level of y, or a place of x. */
  readonly at: { readonly y: number } | { readonly x: number }
}

interface ChartText {
  readonly title: string
  /** What a person should see in it. */
  readonly caption: string
}

interface Drawing extends ChartText {
  readonly x: Axis
  readonly y: Axis
  /** Places of x at which something happened: short strokes on the axis. */
  readonly marks?: { readonly name: string; readonly at: readonly number[] }
}

/** What is drawn, before it has a place on a page. */
export interface Plot extends ChartText {
  readonly legend: readonly LegendEntry[]
  /** Inside of an SVG element of `size`. */
  readonly markup: string
}

export interface LegendEntry {
  readonly name: string
  readonly tone: string
}

/** Lines over each other. */
export function lineChart(...parameters: Parameters<typeof linePlot>): string {
  return figure(linePlot(...parameters))
}

export function linePlot(drawing: Drawing, series: readonly Series[], guides: readonly Guide[] = []): Plot {
  const at = frame(drawing.x, drawing.y)
  const path = line<Point>()
    .defined(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
    .x(([x]) => coordinate(at.x(x)))
    .y(([, y]) => coordinate(at.y(y)))
  const lines = series.map(({ tone, points }) => element('path', { d: path(points) ?? '', class: `line ${tone}` }))
  const drawn = guidesIn(at, guides) + lines.reverse().join('') + marksIn(at, drawing)
  return plot(drawing, [...series, ...guides, ...marksOf(drawing)], at, drawn)
}

/** Areas of steps over each other: a histogram's. Each point is the left end of its step. */
export function stepChart(...parameters: Parameters<typeof stepPlot>): string {
  return figure(stepPlot(...parameters))
}

export function stepPlot(drawing: Drawing, series: readonly Series[], guides: readonly Guide[] = []): Plot {
  const at = frame(drawing.x, drawing.y)
  const shape = area<Point>()
    .curve(curveStepAfter)
    .x(([x]) => coordinate(at.x(x)))
    .y0(coordinate(at.y(drawing.y.domain[0])))
    .y1(([, y]) => coordinate(at.y(y)))
  const areas = series.map(({ tone, points }) => element('path', { d: shape(points) ?? '', class: `step ${tone}` }))
  return plot(drawing, [...series, ...guides], at, areas.join('') + guidesIn(at, guides))
}

export interface Layers {
  /** Names and tones, the lowest layer first. */
  readonly layers: readonly { readonly name: string; readonly tone: string }[]
  /** For each x the heights of the layers. */
  readonly columns: readonly { readonly x: number; readonly heights: readonly number[] }[]
}

/** Areas on top of each other. */
export function stackedChart(drawing: Drawing, { layers, columns }: Layers): string {
  const at = frame(drawing.x, drawing.y)
  const stacked = stack<(typeof columns)[number], number>()
    .keys(layers.keys())
    .value(({ heights }, layer) => heights[layer])([...columns])
  const shape = area<(typeof stacked)[number][number]>()
    .x(({ data }) => coordinate(at.x(data.x)))
    .y0(([low]) => coordinate(at.y(low)))
    .y1(([, high]) => coordinate(at.y(high)))
  const areas = stacked.map((points, layer) =>
    element('path', { d: shape(points) ?? '', class: `layer ${layers[layer].tone}` }, titled(layers[layer].name)),
  )
  return figure(plot(drawing, [...layers, ...marksOf(drawing)], at, areas.join('') + marksIn(at, drawing)))
}

function guidesIn(at: Frame, guides: readonly Guide[]): string {
  return guides
    .map(({ at: place, tone }) => {
      const [left, right] = at.x.range()
      const [bottom, top] = at.y.range()
      const x = 'x' in place ? coordinate(at.x(place.x)) : null
      const y = 'y' in place ? coordinate(at.y(place.y)) : null
      const ends = { x1: x ?? left, x2: x ?? right, y1: y ?? bottom, y2: y ?? top }
      return element('line', { ...ends, class: `guide ${tone}` })
    })
    .join('')
}

const markHeight = 9

function marksOf({ marks }: Drawing): readonly LegendEntry[] {
  return marks === undefined || marks.at.length === 0 ? [] : [{ name: marks.name, tone: 'mark' }]
}

/** Each place once: a hundred strokes on one pixel are one. */
function marksIn({ x, y }: Frame, { marks }: Drawing): string {
  const [bottom] = y.range()
  const places = new Set(marks?.at.map((at) => Math.round(x(at))))
  return [...places]
    .map((at) => element('line', { x1: at, x2: at, y1: bottom - markHeight, y2: bottom, class: 'mark' }))
    .join('')
}

function titled(text: string): string {
  return textElement('title', {}, text)
}

function legendOf(entries: readonly LegendEntry[]): string {
  const keys = entries.map(({ name, tone }) => {
    const swatch = element('line', { x1: 1, x2: 21, y1: 6, y2: 6, class: `swatch ${tone}` })
    const icon = element('svg', { viewBox: '0 0 22 12', class: 'key', 'aria-hidden': 'true' }, swatch)
    return `<li>${icon}${escaped(name)}</li>`
  })
  return entries.length > 1 ? `<ul class="legend">${keys.join('')}</ul>` : ''
}

function plot({ title, caption }: ChartText, legend: readonly LegendEntry[], { markup }: Frame, drawn: string): Plot {
  return { title, caption, legend, markup: markup + drawn }
}

function figure({ title, caption, legend, markup }: Plot): string {
  const attributes = { viewBox: `0 0 ${size.width} ${size.height}`, role: 'img', class: 'chart' }
  const drawn = element('svg', { ...attributes, 'aria-label': `${title}. ${caption}` }, markup)
  return `<figure><h3>${escaped(title)}</h3>${legendOf(legend)}${drawn}<figcaption>${escaped(caption)}</figcaption></figure>`
}
