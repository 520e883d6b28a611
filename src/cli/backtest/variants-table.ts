/** Several runs side by side, as a person reads them on a terminal. */
import { type Column, grouped, headLine, ratio, rowLine } from '../output.ts'
import { nameOf, type VariantRun } from './variants.ts'

export function variantsTable(runs: readonly VariantRun[]): string {
  const [first] = runs
  const width = Math.max(...runs.map(({ variant }) => nameOf(variant).length))
  const right = (title: string, text: (run: VariantRun) => string): Column<VariantRun> => ({
    ...{ title, text, width: Math.max(title.length, 7), align: 'right' },
  })
  const columns: Column<VariantRun>[] = [
    { title: '', width, align: 'left', text: ({ variant }) => nameOf(variant) },
    right('ROC-AUC', ({ findings }) => ratio(findings.auc)),
    right('average precision', ({ findings }) => ratio(findings.averagePrecision)),
    right('flagged / budget', ({ findings }) => ratio(findings.flaggedShare / findings.budget, 2)),
    right('inertia / batch', ({ findings }) => ratio(findings.inertia.ratio, 3)),
    right('windows / refit', ({ findings }) => ratio(findings.inertia.windows.ratio, 3)),
    right('silhouette', ({ findings }) => ratio(findings.quality.silhouette, 3)),
    right('µs per event', ({ findings: { microsPerEvent } }) => ratio(microsPerEvent.score + microsPerEvent.train, 2)),
  ]
  const { baseline, rows, scored } = first.findings
  return [
    `${first.findings.input}: ${grouped(rows)} rows, ${grouped(scored)} judged`,
    headLine(columns),
    ...runs.map((run) => rowLine(columns, run)),
    ...(baseline.auc === null
      ? []
      : [`k = 1: ROC-AUC ${ratio(baseline.auc)}, average precision ${ratio(baseline.averagePrecision)}`]),
  ].join('\n')
}
