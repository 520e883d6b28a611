/** What has been trained, as a person reads it on a terminal. */
import type { FeatureSummary } from '../core/features/feature-summary.ts'
import { type Column, grouped, headLine, percent, rowLine } from './output.ts'
import { qualityLines } from './quality-text.ts'
import { shownQuantiles, type Trained } from './train.ts'

export function trainedText(of: Trained): string {
  const invalid = Object.entries(of.invalid).map(([reason, count]) => `${grouped(count)} ${reason}`)
  const decided = Object.entries(of.transforms).map(([name, transform]) => `${name}: ${transform}`)
  const columns = columnsOf(of.features)
  return [
    `${of.input}: ${grouped(of.events)} events, the model was born from ${grouped(of.bornFrom)} and has learned the others`,
    ...(invalid.length > 0 ? [`invalid: ${invalid.join(', ')}`] : []),
    `${of.clusters} clusters in ${of.columns} columns, published as version ${grouped(of.version)} of ${of.model}`,
    ...(decided.length > 0 ? [`transforms: ${decided.join(', ')}`] : []),
    ...qualityLines(of.quality),
    '',
    headLine(columns),
    ...of.features.map((feature) => rowLine(columns, feature)),
  ].join('\n')
}

function columnsOf(features: readonly FeatureSummary[]): readonly Column<FeatureSummary>[] {
  const width = features.reduce((most, { name }) => Math.max(most, name.length), 7)
  const right = (title: string, text: (of: FeatureSummary) => string): Column<FeatureSummary> => ({
    title,
    width: 10,
    align: 'right',
    text,
  })
  return [
    { title: 'feature', width, align: 'left', text: ({ name }) => name },
    right('missing', ({ missingShare }) => percent(missingShare)),
    right('clipped', ({ clippedShare }) => percent(clippedShare)),
    ...shownQuantiles.map((share, i) =>
      right(percent(share), ({ quantiles }) => (quantiles === null ? '' : short(quantiles[i]))),
    ),
  ]
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}
