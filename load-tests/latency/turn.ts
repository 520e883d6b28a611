/** One contender at work on topics of its own, and events that are sent to it in an open loop. */
import type { RecordableHistogram } from 'node:perf_hooks'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { judgedById, numbered } from '../open-loop/judges.ts'
import { OutcomeReader } from '../open-loop/outcome-reader.ts'
import { Sender } from '../open-loop/sender.ts'
import type { Started } from '../started.ts'
import { jobEvents } from '../throughput/job.ts'
import { until } from '../until.ts'

export const partitions = 4
/** A model has been born and the code is compiled when these have been worked off. */
const warmEvents = 300_000
const warmRate = 60_000
/** Events that are sent over and over, each time with another id. */
const pool = 50_000
const deadlineMs = 180_000

export interface Contender {
  readonly name: string
  /** Bytes of an assignment before its Avro. */
  readonly headerBytes: number
  /** What it writes to, as a group that has not been one before. */
  readonly outputOf: (group: string) => string
  readonly start: (topics: { readonly input: string; readonly output: string; readonly group: string }) => Started
}

/** How late assignments were at each rate, in µs; throws when an event has none, or two. */
export async function takeTurn(
  log: EventLog,
  group: string,
  { name, headerBytes, outputOf, start }: Contender,
  { rates, seconds }: { readonly rates: readonly number[]; readonly seconds: number },
): Promise<readonly RecordableHistogram[]> {
  const [input, output] = [`${group}-in`, outputOf(group)]
  const topic = { partitions, cleanup: 'delete', owner: 'shoal' } as const
  await log.prepare(
    [input, output].map((each) => ({ ...topic, topic: each })),
    true,
  )
  const source = jobEvents(1)
  const events = Array.from({ length: pool }, () => source.next().value)
  const sender = new Sender({ log, topic: input, partitions, events, numbered })
  const judge = judgedById(headerBytes)
  const dueMs = (i: number) => sender.dueMs(i)
  const reader = await OutcomeReader.start({ log, topic: output, dueMs, judge })
  const running = start({ input, output, group })
  // Ended by itself, it would be waited for in vain.
  let failure: unknown = null
  running.ended.then(
    () => undefined,
    (error: unknown) => {
      failure = error
    },
  )
  const sendFor = async (rate: number, forMs: number) => {
    sender.setRate(rate)
    await systemClock.sleep(forMs)
    sender.setRate(0)
    const isDone = async () => {
      if (failure !== null) throw failure
      return reader.judged.seen >= sender.due
    }
    await until(isDone, `an assignment by ${name} of each event at ${rate} events a second`, deadlineMs)
    return reader.takeLateness()
  }
  try {
    await sendFor(warmRate, (1000 * warmEvents) / warmRate)
    const found: RecordableHistogram[] = []
    for (const rate of rates) found.push(await sendFor(rate, 1000 * seconds))
    if (reader.judged.twice > 0) throw new Error(`${name} has assigned ${reader.judged.twice} events more than once`)
    return found
  } finally {
    await sender.stop()
    await running.stop()
    await reader.stop()
  }
}
