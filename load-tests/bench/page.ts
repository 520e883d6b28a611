/** The bench as one HTML page that asks nothing of any other host. */
import { escaped, textElement } from '../../src/cli/backtest/report/markup.ts'
import { style } from '../../src/cli/backtest/report/style.ts'
import { benchCharts } from './charts.ts'
import { benchGrid, type Measured } from './table.ts'

const ownStyle =
  'td{white-space:normal}td:nth-child(-n+2),th{text-align:left}figure{margin:0 0 16px}figure svg{max-width:100%;height:auto}'

/** `origin`: what was run, when and where, in a sentence. */
export function benchPage(found: readonly Measured[], origin: string): string {
  const { head, rows } = benchGrid(found)
  const cells = (name: string, row: readonly string[]) => row.map((cell) => textElement(name, {}, cell)).join('')
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>How fast Shoal is</title><style>${style}${ownStyle}</style></head><body><main>`,
    `<h1>How fast Shoal is</h1><p class="soft">${escaped(origin.replaceAll('`', ''))}</p>`,
    ...benchCharts(found).map(({ svg }) => `<figure>${svg}</figure>`),
    `<div class="table"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${cells('td', row)}</tr>`),
    '</tbody></table></div></main></body></html>\n',
  ].join('\n')
}
