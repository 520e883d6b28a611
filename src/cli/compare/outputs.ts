/** What a deployment has said of the newest events of a partition, as columns in the order of the input. */
import type { EventLog, SchemaRegistry, TopicPartition } from '../../runtime/ports.ts'
import { readUpTo } from '../committed.ts'
import { outputReader } from '../output-fields.ts'

/** Of events [0, count): where they are in the input, whose cluster, how unusual. */
export interface SaidOf {
  readonly offset: number[]
  readonly cluster: number[]
  readonly score: number[]
}

export interface ReadOptions {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly signal: AbortSignal
}

/** The first window holds at least so many. */
const leastRecords = 1000

/** Of events [from, to) of the input; an output is read from its end backwards until it begins before them. */
export async function saidOf(
  options: ReadOptions,
  at: TopicPartition,
  [from, to]: readonly [from: number, to: number],
): Promise<SaidOf> {
  const { log } = options
  const { start, end } = await log.bounds(at)
  // Offsets of an output count the markers of its transactions, too.
  for (let window = 2 * (to - from) + leastRecords; ; window *= 4) {
    const since = Math.max(start, end - window)
    const said = await read(options, at, since, end)
    if (since > start && (said.offset[0] ?? Number.POSITIVE_INFINITY) > from && !options.signal.aborted) continue
    const [first, last] = [
      said.offset.findIndex((offset) => offset >= from),
      said.offset.findIndex((offset) => offset >= to),
    ]
    const range = [first < 0 ? said.offset.length : first, last < 0 ? said.offset.length : last] as const
    return {
      offset: said.offset.slice(...range),
      cluster: said.cluster.slice(...range),
      score: said.score.slice(...range),
    }
  }
}

/** Assignments and anomalies have these fields alike. */
async function read(
  { log, registry, signal }: ReadOptions,
  { topic, partition }: TopicPartition,
  from: number,
  end: number,
): Promise<SaidOf> {
  const wanted = ['offset', 'cluster', 'score'].map((path) => ({ path, accepts: ['number'] as const }))
  const take = outputReader(registry, topic, wanted, 'must be an output of Shoal')
  const said: SaidOf = { offset: [], cluster: [], score: [] }
  for await (const committed of readUpTo(log, topic, [{ partition, from, to: end }], signal)) {
    await take(committed, ({ number }, slot) => {
      said.offset.push(number[slot])
      said.cluster.push(number[slot + 1])
      said.score.push(number[slot + 2])
    })
  }
  return said
}
