/** Findings as a person reads them on a terminal. */
import { grouped, percent, ratio } from '../output.ts'
import { qualityLines } from '../quality-text.ts'
import { lifeText } from './cluster-lives.ts'
import type { Findings } from './findings.ts'
import { leftOutLines } from './labelled-events.ts'

const mostDrifts = 12

export function findingsTable(of: Findings): string {
  return [...heading(of), '', ...ranking(of), ...clusters(of), '', ...time(of)].join('\n')
}

function heading(of: Findings): string[] {
  const invalid = Object.entries(of.invalid).map(([reason, count]) => `${grouped(count)} ${reason}`)
  return [
    `${of.input}: ${grouped(of.rows)} rows, ${grouped(of.scored)} judged (the model was born from ${grouped(of.bornFrom)})`,
    `${of.features.length} features in ${of.columns} columns: ${of.features.join(', ')}`,
    ...leftOutLines(of.leftOut),
    ...(invalid.length > 0 ? [`invalid: ${invalid.join(', ')}`] : []),
  ]
}

function ranking(of: Findings): string[] {
  if (of.positives === 0 || of.positives === of.labelled) {
    const sort = of.positives === 0 ? 'none' : 'all'
    return [
      ...(of.labelled > 0 ? [`${grouped(of.labelled)} labelled rows, ${sort} of them anomalous: nothing to rank`] : []),
      `flagged ${percent(of.flaggedShare)} (budget ${percent(of.budget)})`,
      '',
    ]
  }
  const line = (title: string, auc: number | null, precision: number | null) =>
    title.padEnd(34) + ratio(auc).padStart(10) + ratio(precision).padStart(20)
  return [
    `${grouped(of.labelled)} labelled rows, ${grouped(of.positives)} of them anomalous (${percent(of.positives / of.labelled)})`,
    `${''.padEnd(34)}${'ROC-AUC'.padStart(10)}${'average precision'.padStart(20)}`,
    line('distance to the mixture', of.auc, of.averagePrecision),
    line('published score (1 − rarity)', of.calibrated.auc, of.calibrated.averagePrecision),
    line('k = 1', of.baseline.auc, of.baseline.averagePrecision),
    line('distance to the nearest cluster', of.nearest.auc, of.nearest.averagePrecision),
    '',
    `flagged ${percent(of.flaggedShare)} (budget ${percent(of.budget)}): precision ${ratio(of.precisionAtBudget, 3)}, recall ${ratio(of.recallAtBudget, 3)}`,
    `recall in the top 0.1 %: ${ratio(of.recallTop01Percent, 3)}, in the top 1 %: ${ratio(of.recallTop1Percent, 3)}`,
    '',
  ]
}

function clusters({ k, inertia, quality, clusters: sizes, clusterLives, drifts }: Findings): string[] {
  const { windows } = inertia
  return [
    sizes.length === 0
      ? `${k} clusters; no event is judged, because the model was born from all that the warm-up left`
      : `${k} clusters, events went to ${sizes.length}; the largest ${largest(sizes)}`,
    `inertia at the end ${inertia.final.toPrecision(4)}, of batch k-means ${inertia.batch.toPrecision(4)} (${inertia.bound}): ratio ${ratio(inertia.ratio, 3)}`,
    `inertia per window of ${grouped(windows.rows)} rows ${number(windows.mean)}, of a refit on the window before ${number(windows.refit)}: ratio ${ratio(windows.ratio, 3)}`,
    ...qualityLines(quality),
    ...(clusterLives.count > 0 ? [livesLine(clusterLives)] : []),
    ...(drifts.count > 0 ? driftLines(drifts) : []),
  ]
}

function largest(sizes: Findings['clusters']): string {
  return sizes
    .slice(0, 5)
    .map(({ id, share }) => `${id}: ${percent(share)}`)
    .join(', ')
}

function livesLine({ count, list }: Findings['clusterLives']): string {
  const last = list[list.length - 1]
  return `${grouped(count)} changes of clusters, the last at row ${grouped(last.row)}: ${lifeText(last)}`
}

function driftLines({ count, list }: Findings['drifts']): string[] {
  const last = list.slice(-mostDrifts)
  const rest = last.length < count ? `, the last ${last.length}` : ''
  return [
    `${grouped(count)} findings of drift${rest}:`,
    ...last.map(({ row, kind, message }) => `  row ${grouped(row)}, ${kind.replace('drift.', '')}: ${message}`),
  ]
}

function time({ seconds, eventsPerSecond, microsPerEvent: { score, train } }: Findings): string[] {
  return [
    `${seconds.toFixed(1)} s, ${grouped(eventsPerSecond)} events/s; of an event's time ${score.toFixed(2)} µs to score, ${train.toFixed(2)} µs to learn`,
  ]
}

function number(value: number | null): string {
  return value === null ? '–' : value.toPrecision(4)
}
