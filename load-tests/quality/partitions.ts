import { type Line, mean, shown, type Verdict } from './line.ts'
import { type LabelledStream, streams } from './protocol.ts'
import type { Runner } from './runner.ts'

const within = 0.01
const counts = [1, 2, 8]
const names = ['evalml_fraud', 'shuttle', 'mammography', 's1']

/** Means over the seeds: a birth from the same rows in another order ends in another optimum. */
interface Means {
  readonly auc: number
  readonly averagePrecision: number
  readonly inertia: number
}

export const partitions: Line = {
  number: 8,
  name: 'partitions',
  title: `The same stream split over ${counts.join(', ')} partitions, a worker each`,
  async judge(runner, seeds): Promise<Verdict> {
    const present = streams.filter((stream) => names.includes(stream.name) && runner.has(stream))
    const found = await Promise.all(
      present.map((stream) => Promise.all(counts.map((count) => meansOf(runner, stream, count, seeds)))),
    )
    const differences = found.map((of) => [
      // Labels of clusters are classes, which a score does not rank.
      apart(of.map(({ auc }) => auc)),
      Number.isNaN(of[0].auc) ? 0 : apart(of.map(({ averagePrecision }) => averagePrecision)),
      apart(of.map(({ inertia }) => inertia)),
    ])
    const worst = Math.max(...differences.flat())
    return {
      passed: worst <= within,
      threshold: `AUC, AP and inertia within ${within * 100} % of each other, means over the seeds`,
      head: ['stream', ...counts.map((count) => `${count}: AUC / AP / inertia`), 'apart: AUC / AP / inertia'],
      rows: present.map(({ name }, i) => [
        name,
        ...found[i].map(
          ({ auc, averagePrecision, inertia }) => `${shown(auc)} / ${shown(averagePrecision)} / ${shown(inertia)}`,
        ),
        differences[i].map((of) => `${shown(100 * of, 1)} %`).join(' / '),
      ]),
      summary: `at most ${shown(100 * worst, 2)} % apart`,
    }
  },
}

async function meansOf(
  runner: Runner,
  stream: LabelledStream,
  count: number,
  seeds: readonly number[],
): Promise<Means> {
  const shuffle = stream.isSorted ? ['--shuffle', '0'] : []
  const k = stream.trueClusters === null ? [] : ['--k', String(stream.trueClusters)]
  const flags = [...k, ...shuffle, '--partitions', String(count)]
  const runs = await runner.backtests(stream, seeds, ...flags)
  return {
    auc: mean(runs.map(({ auc }) => auc ?? Number.NaN)),
    averagePrecision: mean(runs.map(({ averagePrecision }) => averagePrecision ?? Number.NaN)),
    inertia: mean(runs.map(({ inertia }) => inertia.final)),
  }
}

/** The largest over the smallest, less 1; 0 where there is nothing to compare. */
function apart(values: readonly number[]): number {
  return values.some(Number.isNaN) ? 0 : Math.max(...values) / Math.min(...values) - 1
}
