import { geometricMean, type Line, mean, shown, type Verdict } from './line.ts'
import { driftStreams, type LabelledStream } from './protocol.ts'
import type { Runner } from './runner.ts'

const mostByDefault = 1.05
const mostTuned = 0.97
/** The half-life that docs/learning.md tells a user with such a stream to set. */
export const tunedHalfLifeEvents = 5000

export const drift: Line = {
  number: 4,
  name: 'drift',
  title:
    'Under drift: inertia per window of 1,000 rows before they are learned, over k-means refitted on the window before',
  async judge(runner, seeds): Promise<Verdict> {
    const streams = driftStreams.filter((stream) => runner.has(stream))
    const tuned = ['--set', `clusters.halfLifeEvents=${tunedHalfLifeEvents}`]
    const byDefault = await Promise.all(streams.map((stream) => ratioOf(runner, stream, seeds, [])))
    const withHalfLife = await Promise.all(streams.map((stream) => ratioOf(runner, stream, seeds, tuned)))
    const means = [geometricMean(byDefault), geometricMean(withHalfLife)]
    return {
      passed: means[0] <= mostByDefault && means[1] <= mostTuned,
      threshold: `geometric mean at most ${mostByDefault} with the defaults, ${mostTuned} with a half-life of ${tunedHalfLifeEvents} events`,
      head: ['stream', 'defaults', `half-life ${tunedHalfLifeEvents}`],
      rows: [
        ...streams.map(({ name }, i) => [name, shown(byDefault[i]), shown(withHalfLife[i])]),
        ['geometric mean', ...means.map((of) => shown(of))],
      ],
      summary: `${shown(means[0])} with the defaults, ${shown(means[1])} with the half-life`,
    }
  },
}

async function ratioOf(
  runner: Runner,
  stream: LabelledStream,
  seeds: readonly number[],
  flags: readonly string[],
): Promise<number> {
  const runs = await runner.backtests(stream, seeds, ...flags)
  return mean(runs.map(({ inertia }) => inertia.windows.ratio ?? Number.NaN))
}
