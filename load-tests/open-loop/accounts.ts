/** Whether every event that was sent has its outcome once, by Kafka's own client. */
import { type CommittedCounter, countCommitted, watchEnds } from '../../test/stack/independent-reader.ts'
import { committed, input } from '../throughput/pipeline.ts'
import { until } from '../until.ts'
import { type Bench, group } from './bench.ts'

const deadlineMs = 300_000

export interface Accounts {
  /** Where the input ends: nobody else writes it, and not in transactions. */
  readonly events: number
  readonly positions: number
  /** Committed records, counted by Kafka's own client. */
  readonly assignments: number
  readonly deadLetters: number
  /** Offsets of the outputs that no transaction has ended. */
  readonly open: number
  /** By the offsets of events in their assignments, of what was sent in the open loop. */
  readonly passedOver: number
  readonly repeated: number
}

/** Counts from the beginning of the topics on. Where retention deletes, it must have been there before anything was deleted. */
export function openCounter({ pipeline }: Bench): Promise<CommittedCounter> {
  return countCommitted(pipeline.kafka, [`${group}.assignments`, `${group}.dead-letters`])
}

/** Closes the counter. The bench must have caught up. */
export async function accountsOf(bench: Bench, counter: CommittedCounter): Promise<Accounts> {
  const { pipeline, reader } = bench
  await until(async () => (await counter.ask()).every(({ left }) => left === 0), 'the count of all outputs', deadlineMs)
  const counts = await counter.ask()
  await counter.close()
  const recordsOf = (topic: string) => sum(counts.filter((each) => each.topic === topic).map(({ records }) => records))
  const ends = await watchEnds(pipeline.kafka)
  const inputs = await ends.ask(input)
  const outputs = await Promise.all([ends.ask(`${group}.assignments`)])
  await ends.close()
  return {
    events: sum(inputs.map(({ highWatermark }) => highWatermark)),
    positions: await committed(pipeline.log, group),
    assignments: recordsOf(`${group}.assignments`),
    deadLetters: recordsOf(`${group}.dead-letters`),
    open: sum(outputs.flat().map(({ lastStable, highWatermark }) => highWatermark - lastStable)),
    passedOver: reader.judged.lost,
    repeated: reader.judged.twice,
  }
}

export function areRight({
  events,
  positions,
  assignments,
  deadLetters,
  open,
  passedOver,
  repeated,
}: Accounts): boolean {
  return assignments === events && positions === events && deadLetters + open + passedOver + repeated === 0
}

export function accountsText(accounts: Accounts): string {
  const shown = (value: number) => value.toLocaleString('en-US')
  const { events, positions, assignments, deadLetters, open, passedOver, repeated } = accounts
  const verdict = areRight(accounts) ? 'Nothing is lost, twice or out of order' : 'NOT RIGHT'
  return (
    `${verdict}: ${shown(events)} events, positions at ${shown(positions)}, ${shown(assignments)} assignments and ` +
    `${shown(deadLetters)} dead letters as Kafka's own client counts them, ${shown(open)} offsets open; by the offsets in ` +
    `the assignments ${shown(passedOver)} passed over and ${shown(repeated)} repeated.`
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
