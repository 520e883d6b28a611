import { type Line, mean, shown, type Verdict } from './line.ts'
import { type LabelledStream, streams } from './protocol.ts'
import type { Runner } from './runner.ts'

interface Case {
  readonly stream: string
  readonly order: 'shuffled' | 'as filed'
  readonly most: number
}

const small = ['s1', 's3', 'a1', 'unbalance']
const cases: readonly Case[] = [
  ...small.map((stream): Case => ({ stream, order: 'shuffled', most: 1.03 })),
  { stream: 'birch1', order: 'shuffled', most: 1.06 },
  ...small.map((stream): Case => ({ stream, order: 'as filed', most: 1.1 })),
  { stream: 'birch1', order: 'as filed', most: 1.15 },
  { stream: 'fraudsim_jul', order: 'as filed', most: 1.08 },
  { stream: 'evalml_fraud', order: 'as filed', most: 1.08 },
  { stream: 'http', order: 'as filed', most: 1.08 },
  { stream: 'kdd99_sa', order: 'as filed', most: 1.4 },
  { stream: 'shuttle', order: 'as filed', most: 2 },
]

export const clusters: Line = {
  number: 3,
  name: 'clusters',
  title: 'Clusters: inertia at the end of the stream over the best batch k-means, ten restarts',
  async judge(runner, seeds): Promise<Verdict> {
    const present = cases.flatMap((each) => {
      const stream = streams.find(({ name }) => name === each.stream)
      return stream !== undefined && runner.has(stream) ? [{ ...each, stream }] : []
    })
    const ratios = await Promise.all(present.map(({ stream, order }) => ratiosOf(runner, stream, order, seeds)))
    const kept = present.map(({ most }, i) => mean(ratios[i]) <= most)
    return {
      passed: kept.every((each) => each),
      threshold: 'each mean over the seeds at most its bound, all with the same defaults',
      head: ['stream', 'order', 'k', 'ratio', 'worst seed', 'at most', ''],
      rows: present.map(({ stream, order, most }, i) => [
        stream.name,
        order,
        String(stream.trueClusters ?? 'default'),
        shown(mean(ratios[i])),
        shown(Math.max(...ratios[i])),
        String(most),
        kept[i] ? '' : 'above',
      ]),
      summary: `${kept.filter((each) => each).length} of ${kept.length} within their bounds`,
    }
  },
}

async function ratiosOf(
  runner: Runner,
  stream: LabelledStream,
  order: Case['order'],
  seeds: readonly number[],
): Promise<number[]> {
  const k = stream.trueClusters === null ? [] : ['--k', String(stream.trueClusters)]
  const shuffle = order === 'shuffled' ? ['--shuffle', '0'] : []
  const runs = await runner.backtests(stream, seeds, ...k, ...shuffle)
  return runs.map(({ inertia }) => inertia.ratio ?? Number.NaN)
}
