/** Charts side by side in one SVG file that needs nothing else: on a card of its own colour, by day and by night. */
import { size } from '../../src/cli/backtest/report/axes.ts'
import type { LegendEntry, Plot } from '../../src/cli/backtest/report/chart.ts'
import { element, textElement } from '../../src/cli/backtest/report/markup.ts'
import { chartStyle, lightColours } from '../../src/cli/backtest/report/style.ts'

const edge = 16
const gap = 28
const titleHeight = 22
const legendRow = 18
const swatch = 26
/** Of the style's letters, on average. */
const letterWidth = 6.3
const between = 14

/** What the report's charts do without: points, and words within a chart. */
const ownStyle = `
.title{font-size:14px;font-weight:600;fill:var(--ink)}
.key{fill:var(--soft)}
.dots{fill:none;stroke:currentColor;stroke-width:2.8;stroke-linecap:round;stroke-opacity:.55}
.dots.faint{stroke-width:2.2;stroke-opacity:.35}
.dots.strong{stroke-width:4;stroke-opacity:1}
.ring{fill:none;stroke:currentColor;stroke-width:1.4}
.ink{color:var(--ink)}.soft{color:var(--soft)}.red{color:var(--red)}
.id{font-weight:700;font-size:13px;fill:var(--ink);stroke:var(--card);stroke-width:3.5;paint-order:stroke}
.id.new{fill:var(--red)}
.id0{color:#0072b2}.id1{color:#d98a00}.id2{color:#009e73}.id3{color:#8a6d3b}.id4{color:#b8588f}.id5{color:#56b4e9}.id6{color:#b5a400}
.id7{color:#d55e00}.id8{color:#7b4fb8}.id9{color:#444c56}
.bar{fill:currentColor;fill-opacity:.85}
.strong{fill:var(--ink);font-weight:600}.plain{fill:var(--ink)}`

export interface Size {
  readonly width: number
  readonly height: number
}

/** A file of these charts, beside one another. */
export function plate(plots: readonly Plot[]): string {
  const legends = plots.map(({ legend }) => legendRows(legend))
  const legendHeight = Math.max(...legends.map((rows) => rows.length)) * legendRow
  const panels = plots.map(({ title, markup }, i) => {
    const x = edge + i * (size.width + gap)
    return element(
      'g',
      { transform: `translate(${x} ${edge})` },
      textElement('text', { x: 0, y: 12, class: 'title' }, title),
      element('g', { transform: `translate(0 ${titleHeight})` }, ...legends[i].map(drawnRow)),
      element('g', { transform: `translate(0 ${titleHeight + legendHeight})` }, markup),
    )
  })
  const width = 2 * edge + plots.length * size.width + (plots.length - 1) * gap
  const height = 2 * edge + titleHeight + legendHeight + size.height
  return card({ width, height }, plots.map(({ title, caption }) => `${title}. ${caption}`).join(' '), panels.join(''))
}

/** An SVG file: `description` is for those who cannot see it. */
export function card({ width, height }: Size, description: string, markup: string): string {
  const frame = { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 10, class: 'card' }
  const sheet = `.card{fill:var(--card);stroke:var(--rule)}${chartStyle}${ownStyle}`
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    textElement('title', {}, description),
    `<style>${coloured(sheet)}</style>`,
    element('rect', frame),
    markup,
  )}\n`
}

/** Not every program that shows SVG knows custom properties. */
function coloured(sheet: string): string {
  const colours = new Map([...lightColours.matchAll(/--(\w+):(#\w+)/g)].map(([, name, colour]) => [name, colour]))
  return sheet.replace(/var\(--(\w+)\)/g, (_, name: string) => colours.get(name) ?? 'none')
}

/** Entries in as many rows as they need. */
function legendRows(legend: readonly LegendEntry[]): readonly (readonly LegendEntry[])[] {
  if (legend.length < 2) return []
  const rows: LegendEntry[][] = [[]]
  let used = 0
  for (const entry of legend) {
    const width = widthOf(entry)
    if (used > 0 && used + width > size.width) {
      rows.push([])
      used = 0
    }
    rows[rows.length - 1].push(entry)
    used += width
  }
  return rows
}

function widthOf({ name }: LegendEntry): number {
  return swatch + name.length * letterWidth + between
}

function drawnRow(entries: readonly LegendEntry[], row: number): string {
  let x = 0
  const y = row * legendRow + 8
  return entries
    .map((entry) => {
      const at = x
      x += widthOf(entry)
      const line = { x1: at + 1, x2: at + 20, y1: y, y2: y, class: `swatch ${entry.tone}` }
      const words = textElement('text', { x: at + swatch, y: y + 4, class: 'key' }, entry.name)
      return element('line', line) + words
    })
    .join('')
}
