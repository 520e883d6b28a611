/** Lines of a run while it goes on, for whoever waits. */
import type { Sample } from './bench.ts'

const columns: readonly (readonly [head: string, of: (sample: Sample) => string])[] = [
  ['second', ({ seconds }) => seconds.toFixed(0)],
  ['due/s', ({ dueRate }) => shown(dueRate)],
  ['sent/s', ({ sentRate }) => shown(sentRate)],
  ['done/s', ({ doneRate }) => shown(doneRate)],
  ['lag', ({ lagEvents }) => shown(lagEvents)],
  ['p50 ms', ({ p50Ms }) => p50Ms.toFixed(1)],
  ['p99 ms', ({ p99Ms }) => p99Ms.toFixed(1)],
  ['MB', ({ residentMb }) => residentMb.toFixed(0)],
  ['heap', ({ heapMb }) => heapMb.toFixed(0)],
  ['files', ({ descriptors }) => String(descriptors)],
  ['cores', ({ shoalCores }) => shoalCores.toFixed(2)],
  ['broker', ({ brokerCores }) => brokerCores.toFixed(2)],
  ['other', ({ otherCores }) => otherCores.toFixed(2)],
  ['version', ({ modelVersion }) => shown(modelVersion)],
]
const width = 10

export const progressHead = columns.map(([head]) => head.padStart(width)).join('')

export function progressLine(sample: Sample): string {
  return columns.map(([, of]) => of(sample).padStart(width)).join('')
}

function shown(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
