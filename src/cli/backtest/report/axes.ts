/** The frame of a chart: its size, scales, grid, ticks and names of the axes. */
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale'
import { coordinate, element, textElement } from './markup.ts'

/** Small enough that letters stay readable when a phone shrinks it. */
export const size = { width: 440, height: 264 } as const
const margin = { left: 62, right: 20, top: 12, bottom: 42 } as const
const inner = { right: size.width - margin.right, bottom: size.height - margin.bottom } as const

export interface Axis {
  readonly label: string
  readonly domain: readonly [number, number]
  readonly isLog?: boolean
  readonly format?: (value: number) => string
}

type Scale = ScaleContinuousNumeric<number, number>

export interface Frame {
  readonly x: Scale
  readonly y: Scale
  /** Grid, ticks and names: to be drawn first. */
  readonly markup: string
}

export function frame(x: Axis, y: Axis): Frame {
  const scales = {
    x: scale(x, [margin.left, inner.right]),
    y: scale(y, [inner.bottom, margin.top]),
  }
  return { ...scales, markup: xAxis(x, scales.x) + yAxis(y, scales.y) }
}

function scale({ domain, isLog = false }: Axis, range: readonly [number, number]): Scale {
  const made: Scale = isLog ? scaleLog() : scaleLinear()
  return made.domain(domain).range(range).clamp(true)
}

function xAxis({ label, format, isLog }: Axis, scale: Scale): string {
  const ticks = ticksOf(scale, isLog).map(({ value, text }) => {
    const at = coordinate(scale(value))
    return textElement(
      'text',
      { x: at, y: inner.bottom + 16, class: 'tick', 'text-anchor': 'middle' },
      format?.(value) ?? text,
    )
  })
  const middle = (margin.left + inner.right) / 2
  const line = element('line', { x1: margin.left, x2: inner.right, y1: inner.bottom, y2: inner.bottom, class: 'axis' })
  const name = textElement('text', { x: middle, y: size.height - 6, class: 'name', 'text-anchor': 'middle' }, label)
  return line + ticks.join('') + name
}

function yAxis({ label, format, isLog }: Axis, scale: Scale): string {
  const ticks = ticksOf(scale, isLog).map(({ value, text }) => {
    const at = coordinate(scale(value))
    const grid = element('line', { x1: margin.left, x2: inner.right, y1: at, y2: at, class: 'grid' })
    const words = format?.(value) ?? text
    return grid + textElement('text', { x: margin.left - 6, y: at + 4, class: 'tick', 'text-anchor': 'end' }, words)
  })
  const middle = (margin.top + inner.bottom) / 2
  const turned = `translate(12 ${middle}) rotate(-90)`
  return ticks.join('') + textElement('text', { transform: turned, class: 'name', 'text-anchor': 'middle' }, label)
}

/** An axis over more decades has the powers of ten alone. */
const mostFineDecades = 3
const mostTicks = 8

interface Tick {
  readonly value: number
  readonly text: string
}

/** About five; of a logarithmic axis 1, 2 and 5 of every power of ten, or the powers alone where they are many. */
function ticksOf(scale: Scale, isLog = false): readonly Tick[] {
  if (!isLog) {
    const format = scale.tickFormat(5)
    return scale.ticks(5).map((value) => ({ value, text: format(value) }))
  }
  const [low, high] = scale.domain()
  const isLong = Math.log10(high / low) > mostFineDecades
  const leading = (value: number) => Number(value.toExponential(0)[0])
  const wanted = scale.ticks(5).filter((value) => (isLong ? leading(value) === 1 : [1, 2, 5].includes(leading(value))))
  const each = Math.ceil(wanted.length / mostTicks)
  return wanted.filter((_, i) => i % each === 0).map((value) => ({ value, text: String(Number(value.toPrecision(3))) }))
}
