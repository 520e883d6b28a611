/** The report: one HTML page that asks nothing of any other host. */
import { firstOf, grouped, ratio } from '../../output.ts'
import type { Findings } from '../findings.ts'
import type { Recording } from '../recording.ts'
import { anomalyTable } from './anomaly-table.ts'
import { driftTable } from './drift-table.ts'
import { livesTable } from './lives-table.ts'
import { escaped, textElement } from './markup.ts'
import { distanceChart, rankingCharts } from './ranking-charts.ts'
import { streamCharts } from './stream-charts.ts'
import { style } from './style.ts'

const mostNamed = 12

export function reportPage(findings: Findings, recording: Recording): string {
  const ranking = rankingCharts(findings, recording)
  const stream = [
    ...streamCharts(findings, recording),
    ...(ranking.length > 0 ? [] : [distanceChart(findings, recording)]),
  ]
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escaped(`Backtest of ${fileName(findings.input)}`)}</title>`,
    `<style>${style}</style></head><body><main>`,
    heading(findings),
    tiles(findings),
    ...(ranking.length > 0
      ? ['<h2>Does it find what is labelled?</h2>', charts([...ranking, comparison(findings)])]
      : []),
    '<h2>While the stream flowed</h2>',
    // Beside a last chart that stands alone, or below everything.
    charts(stream.length % 2 === 1 ? [...stream, setting(findings)] : stream),
    ...driftTable(findings),
    ...livesTable(findings),
    ...anomalyTable(findings),
    ...(stream.length % 2 === 1 ? [] : [setting(findings)]),
    '</main></body></html>\n',
  ].join('\n')
}

function charts(figures: readonly string[]): string {
  return `<div class="charts">${figures.join('\n')}</div>`
}

function heading({ input, rows, scored, bornFrom, features, k }: Findings): string {
  const what = `${grouped(rows)} events in ${features.length} ${features.length === 1 ? 'feature' : 'features'}, ${k} clusters. Every event was scored by a model that had not learned it; ${grouped(scored)} are judged, behind the ${grouped(bornFrom)} that the model was born from.`
  return `${textElement('h1', {}, `Backtest of ${fileName(input)}`)}${textElement('p', { class: 'soft' }, what)}`
}

function tiles(of: Findings): string {
  const { auc, averagePrecision, baseline, flaggedShare, budget, inertia, eventsPerSecond, positives } = of
  const isRanked = auc !== null && averagePrecision !== null
  const isNear = Math.abs(flaggedShare / budget - 1) <= 0.2
  const all = [
    ...(isRanked
      ? [
          tile(auc.toFixed(3), `ROC-AUC; without clusters ${ratio(baseline.auc, 3)}`, against(auc, baseline.auc)),
          tile(
            averagePrecision.toFixed(3),
            `average precision over ${grouped(positives)} anomalies; without clusters ${ratio(baseline.averagePrecision, 3)}`,
            against(averagePrecision, baseline.averagePrecision),
          ),
        ]
      : []),
    tile(percent(flaggedShare), `called anomalous, budget ${percent(budget)}`, isNear ? 'good' : 'bad'),
    ...(isRanked
      ? [
          tile(
            of.precisionAtBudget === null ? '–' : percent(of.precisionAtBudget),
            'of those flagged are anomalies',
            '',
          ),
        ]
      : []),
    tile(ratio(inertia.ratio, 2), 'of the inertia of batch k-means at the end; 1 is as good', ''),
    tile(grouped(eventsPerSecond), 'events a second, replayed in one process', ''),
  ]
  return `<ul class="tiles">${all.join('')}</ul>`
}

function tile(value: string, meaning: string, tone: string): string {
  return `<li><b class="${tone}">${escaped(value)}</b><span>${escaped(meaning)}</span></li>`
}

function against(value: number, floor: number | null): string {
  return floor === null ? '' : value >= floor ? 'good' : 'bad'
}

function comparison(of: Findings): string {
  const row = (name: string, { auc, averagePrecision }: { auc: number | null; averagePrecision: number | null }) =>
    `<tr><th>${escaped(name)}</th><td>${ratio(auc, 4)}</td><td>${ratio(averagePrecision, 4)}</td></tr>`
  return [
    '<figure><h3>Beside simpler scores</h3><table>',
    '<thead><tr><th></th><th>ROC-AUC</th><th>average precision</th></tr></thead><tbody>',
    row('Shoal: distance to the mixture of all clusters', of),
    row('The published score: how rare that distance is among the recent ones', of.calibrated),
    row('k = 1: distance to the running mean, without clusters', of.baseline),
    row('Distance to the nearest cluster', of.nearest),
    '</tbody></table>',
    `<figcaption>Recall in the top 0.1 %: ${ratio(of.recallTop01Percent, 3)}, in the top 1 %: ${ratio(of.recallTop1Percent, 3)}; within the budget: precision ${ratio(of.precisionAtBudget, 3)}, recall ${ratio(of.recallAtBudget, 3)}.</figcaption></figure>`,
  ].join('')
}

function setting(of: Findings): string {
  const { features, columns, k, seed, batch, partitions, inertia, quality, microsPerEvent, invalid } = of
  const refused = Object.entries(invalid).map(([reason, count]) => `${grouped(count)} ${reason}`)
  const row = (name: string, value: string) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`
  return [
    '<figure><h3>How it was run</h3><table><tbody>',
    row(`features, in ${columns} columns`, firstOf(features, mostNamed)),
    row('clusters, seed', `${k}, ${seed}`),
    row('events a batch, partitions', `${grouped(batch)}, ${partitions}`),
    row('inertia at the end', inertia.final.toPrecision(4)),
    row(`of batch k-means (${inertia.bound})`, inertia.batch.toPrecision(4)),
    row('simplified silhouette', ratio(quality.silhouette, 3)),
    row('Davies-Bouldin index', ratio(quality.daviesBouldin, 3)),
    row('inertia beside a refit, before the last upkeep', ratio(quality.refitRatio, 3)),
    row('clusters without events, with hardly any', `${quality.empty}, ${quality.starved}`),
    row(
      'an event takes',
      `${microsPerEvent.score.toFixed(2)} µs to score, ${microsPerEvent.train.toFixed(2)} µs to learn`,
    ),
    ...(refused.length > 0 ? [row('invalid events', refused.join(', '))] : []),
    '</tbody></table></figure>',
  ].join('')
}

function fileName(path: string): string {
  return path.split('/').at(-1) ?? path
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
