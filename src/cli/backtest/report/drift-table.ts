/** Which drifts were found, and when. */
import { grouped } from '../../output.ts'
import type { Findings } from '../findings.ts'
import { tableOfLast } from './table-of-last.ts'

export function driftTable({ drifts }: Findings): readonly string[] {
  return tableOfLast({
    title: 'Drift that was found',
    ...drifts,
    head: ['drift', 'row', 'kind', 'statistic', 'threshold'],
    cells: ({ message, row, kind, test }) => [
      message,
      grouped(row),
      kind.replace('drift.', ''),
      ...[test?.statistic, test?.threshold].map((of) => of?.toPrecision(3) ?? '–'),
    ],
  })
}
