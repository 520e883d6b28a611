/** One anomaly, explained: what every feature adds to its distance. */

import { element, textElement } from '../../src/cli/backtest/report/markup.ts'
import type { Contribution } from '../../src/core/score/explanation.ts'
import type { AnomalyValue } from '../../src/stages/score.ts'
import { replayPayments } from './card-payments.ts'
import { card } from './plate.ts'

const count = 60_000
const edge = 16
const rowHeight = 30
const columns = { value: 190, usual: 300, bar: 500, end: 760 }
const features = [
  { field: 'amount', transform: 'log' },
  { name: 'amount beside own usual', profile: { entity: 'customer', of: 'amount', as: 'ratio' }, transform: 'log' },
  { name: 'payments in an hour', profile: { entity: 'customer', as: 'count1h' }, transform: 'log' },
  { name: 'km/h since the last', profile: { entity: 'customer', as: 'kmPerHour' }, transform: 'log' },
  { name: 'hour of the day', field: 'occurredAt', transform: 'hourOfDay' },
  { name: 'device risk', field: 'deviceRisk' },
]

export async function explanation(): Promise<string> {
  let found: AnomalyValue | null = null
  const frauds = new Set<string>()
  await replayPayments({
    count,
    configuration: { features, anomalies: { topFeatures: features.length }, profiles: { key: 'customer' } },
    onEvent: ({ id }, isFraud) => {
      if (isFraud) frauds.add(id)
    },
    watcher: {
      anomaly: (value) => {
        // The farthest of the planted frauds that were found.
        if (frauds.has(value.eventId) && value.remoteness > (found?.remoteness ?? 0)) found = value
      },
    },
  })
  return drawn(found!)
}

function drawn({ eventId, score, remoteness, cluster, contributions }: AnomalyValue): string {
  const head = `${eventId}: score ${score.toFixed(4)}, remoteness ${remoteness.toFixed(1)}, nearest cluster ${cluster}`
  const titles = [
    ['feature', edge],
    ['value', columns.value],
    ['usual there', columns.usual],
    ['share of the distance', columns.bar],
  ] as const
  const top = 62
  const rows = contributions.map((of, i) => row(of, top + (i + 1) * rowHeight))
  const height = top + contributions.length * rowHeight + edge + 8
  return card(
    { width: columns.end + edge + 44, height },
    `A planted fraud, explained. ${head}. ${contributions.map(sentence).join('; ')}.`,
    [
      textElement('text', { x: edge, y: 28, class: 'title' }, head),
      ...titles.map(([title, x]) => textElement('text', { x, y: top - 6, class: 'key' }, title)),
      ...rows,
    ].join(''),
  )
}

function row({ feature, value, expected, spread, share }: Contribution, y: number): string {
  const width = Math.max(1, Math.round(share * (columns.end - columns.bar)))
  const usual = `${shown(expected)}${spread === null ? '' : ` ± ${shown(spread)}`}`
  return [
    element('line', { x1: edge, x2: columns.end + 44, y1: y - 20, y2: y - 20, class: 'grid' }),
    textElement('text', { x: edge, y, class: 'plain' }, feature),
    textElement('text', { x: columns.value, y, class: 'strong' }, shown(value)),
    textElement('text', { x: columns.usual, y, class: 'key' }, usual),
    element('rect', { x: columns.bar, y: y - 11, width, height: 14, rx: 2, class: 'bar normal' }),
    textElement('text', { x: columns.bar + width + 8, y, class: 'plain' }, `${Math.round(100 * share)} %`),
  ].join('')
}

function sentence({ feature, value, expected, share }: Contribution): string {
  return `${feature} ${shown(value)}, usual ${shown(expected)}, ${Math.round(100 * share)} %`
}

function shown(value: number | string | null): string {
  if (value === null) return 'missing'
  return typeof value === 'number' ? Number(value.toPrecision(3)).toLocaleString('en-US') : value
}
