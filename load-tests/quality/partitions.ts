import type { Findings } from '../../src/cli/backtest/findings.ts'
import { type Line, shown, type Verdict } from './line.ts'
import { type LabelledStream, streams } from './protocol.ts'
import type { Runner } from './runner.ts'

const within = 0.01
const counts = [1, 2, 8]
const names = ['evalml_fraud', 'shuttle', 'mammography', 's1']

export const partitions: Line = {
  number: 8,
  name: 'partitions',
  title: `The same stream split over ${counts.join(', ')} partitions, a worker each`,
  async judge(runner, seeds): Promise<Verdict> {
    const present = streams.filter((stream) => names.includes(stream.name) && runner.has(stream))
    const found = await Promise.all(present.map((stream) => runsOf(runner, stream, seeds[0])))
    const differences = found.map((runs) => [
      spread(runs, ({ auc }) => auc),
      spread(runs, ({ averagePrecision }) => averagePrecision),
      spread(runs, ({ inertia }) => inertia.final),
    ])
    const worst = Math.max(...differences.flat())
    return {
      passed: worst <= within,
      threshold: `AUC, AP and inertia within ${within * 100} % of each other`,
      head: ['stream', ...counts.map((count) => `${count}: AUC / AP / inertia`), 'largest difference'],
      rows: present.map(({ name }, i) => [
        name,
        ...found[i].map(
          ({ auc, averagePrecision, inertia }) =>
            `${shown(auc)} / ${shown(averagePrecision)} / ${shown(inertia.final)}`,
        ),
        `${shown(100 * Math.max(...differences[i]), 2)} %`,
      ]),
      summary: `at most ${shown(100 * worst, 2)} % apart`,
    }
  },
}

function runsOf(runner: Runner, stream: LabelledStream, seed: number): Promise<Findings[]> {
  const shuffle = stream.isSorted ? ['--shuffle', '0'] : []
  const k = stream.trueClusters === null ? [] : ['--k', String(stream.trueClusters)]
  const run = (count: number) =>
    runner.backtest(stream, '--seed', String(seed), ...k, ...shuffle, '--partitions', String(count))
  return Promise.all(counts.map(run))
}

/** Largest difference between two of them, over the smaller; classes are no anomalies, so they have no AUC worth the name. */
function spread(runs: readonly Findings[], of: (run: Findings) => number | null): number {
  const values = runs.map(of).filter((value) => value !== null)
  return values.length === 0 ? 0 : Math.max(...values) / Math.min(...values) - 1
}
