/** The most unusual events, and why each is one. */
import { grouped } from '../../output.ts'
import type { Findings } from '../findings.ts'
import { escaped } from './markup.ts'

type FoundAnomaly = Findings['topAnomalies'][number]

export function anomalyTable({ topAnomalies, labelled }: Findings): readonly string[] {
  if (topAnomalies.length === 0) return []
  const isLabelled = labelled > 0
  const head = ['event', 'row', ...(isLabelled ? ['label'] : []), 'distance', 'cluster']
  return [
    '<h2>The most unusual events</h2>',
    `<p class="soft">The ${topAnomalies.length} farthest of those that were called anomalous: what each has, what is usual, and its share of the distance.</p>`,
    '<div class="table"><table class="events"><thead><tr>',
    head.map((title) => `<th>${title}</th>`).join(''),
    '<th class="words">why</th></tr></thead><tbody>',
    ...topAnomalies.map((anomaly) => row(anomaly, isLabelled)),
    '</tbody></table></div>',
  ]
}

function row({ id, row: number, label, distance, cluster, contributions }: FoundAnomaly, isLabelled: boolean): string {
  return [
    `<tr><th><code>${escaped(id)}</code></th><td data-name="row">${grouped(number)}</td>`,
    isLabelled ? `<td>${tag(label)}</td>` : '',
    `<td data-name="distance">${distance.toPrecision(3)}</td><td data-name="cluster">${cluster}</td>`,
    `<td class="words">${contributions.map(reason).join('')}</td></tr>`,
  ].join('')
}

function tag(label: number): string {
  if (label < 0) return '–'
  return label === 1 ? '<span class="tag anomalous">anomalous</span>' : '<span class="tag soft">normal</span>'
}

function reason({ feature, value, expected, share }: FoundAnomaly['contributions'][number]): string {
  const what = `${escaped(feature)} <b>${shown(value)}</b> <span class="soft">usual ${shown(expected)}</span>`
  const width = Math.round(share * 100)
  return `<div class="why"><span>${what}</span><span class="soft">${width} %</span><div class="bar" style="width:${Math.max(1, width)}%"></div></div>`
}

function shown(value: number | string | null): string {
  if (value === null) return 'missing'
  return escaped(typeof value === 'number' ? String(Number(value.toPrecision(4))) : value)
}
