import { type Line, notRun, type Verdict } from './line.ts'
import { clusterStreams } from './protocol.ts'

const names = ['s1', 's3', 'a1', 'unbalance']
const within = 1
const threshold = `the number of true clusters within ±${within}`

export const automaticK: Line = {
  number: 7,
  name: 'k',
  title: 'clusters.k: auto',
  async judge(runner, seeds): Promise<Verdict> {
    const streams = clusterStreams.filter((stream) => names.includes(stream.name) && runner.has(stream))
    if (streams.length === 0) return notRun(threshold, `none of ${names.join(', ')} is in the folder`)
    const flags = ['--set', 'clusters.k=auto', '--shuffle', '0']
    const found = await Promise.all(streams.map((stream) => runner.backtests(stream, seeds, ...flags)))
    const chosen = found.map((runs) => runs.map(({ k }) => k))
    const isRight = chosen.map((ks, i) => ks.every((k) => Math.abs(k - (streams[i].trueClusters ?? k)) <= within))
    return {
      passed: isRight.every((each) => each),
      threshold,
      head: ['stream', 'true clusters', 'found, by seed', ''],
      rows: streams.map(({ name, trueClusters }, i) => [
        name,
        String(trueClusters),
        chosen[i].join(', '),
        isRight[i] ? '' : 'outside',
      ]),
      summary: `${isRight.filter((each) => each).length} of ${streams.length} right`,
    }
  },
}
