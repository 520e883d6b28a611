/**
 * What it costs to find the traces that a batch's events were produced in, in nanoseconds an event: on 10,000
 * records as a broker gives them. Seconds of one core, no servers.
 *
 *     node load-tests/links.ts [--rounds 200] [--json]
 */
import { parseArgs } from 'node:util'
import { PartitionBuffer } from '../src/adapters/kafka/partition-buffer.ts'
import { parseBatches } from '../src/adapters/kafka/record-batch-reader.ts'
import { PartitionOutput } from '../src/adapters/kafka/record-batch-writer.ts'
import { linkProducers } from '../src/runtime/producer-links.ts'
import { noSpan, type Span } from '../src/runtime/span.ts'
import type { Header, RecordBatch } from '../src/stages/records.ts'
import { thisMachine } from './results.ts'
import { spreadOf } from './spread.ts'
import { inTurns } from './turns.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
})
const rounds = Number(values.rounds)
const records = 10_000
const nsPerMs = 1e6

let linked = 0
const recorded: Span = { ...noSpan, isRecorded: true, link: () => void linked++ }
const traceparent = (i: number): Header[] => [
  { name: 'content-type', value: Buffer.from('application/avro') },
  { name: 'traceparent', value: Buffer.from(`00-${String(i + 1).padStart(32, '0')}-00f067aa0ba902b7-01`) },
]
const bare = batchesOf(() => [])
const each = batchesOf((i) => traceparent(i))
const few = batchesOf((i) => traceparent(Math.floor(i / 2500)))
const cases: Readonly<Record<string, () => void>> = {
  'not sampled, every event with a context of its own': () => linkProducers(noSpan, each),
  'sampled, no headers': () => linkProducers(recorded, bare),
  'sampled, every event with a context of its own': () => linkProducers(recorded, each),
  'sampled, four contexts': () => linkProducers(recorded, few),
}
const taken = await inTurns(cases, rounds)
const table = [...taken].map(([name, ms]) => ({
  name,
  nsPerEvent: spreadOf(
    ms.map((each) => (each * nsPerMs) / records),
    3,
  ),
}))
const machine = thisMachine()
if (values.json) process.stdout.write(`${JSON.stringify({ machine, records, rounds, table })}\n`)
else {
  process.stdout.write(`${machine}; ${records} records, ${rounds} rounds, ${linked} links\n`)
  for (const { name, nsPerEvent } of table)
    process.stdout.write(`${name}: ${nsPerEvent.median} ns an event (${nsPerEvent.least}–${nsPerEvent.most})\n`)
}

/** As a fetch of one partition gives them. */
function batchesOf(headersOf: (i: number) => Header[]): readonly RecordBatch[] {
  const output = new PartitionOutput('in', 0, 100_000_000, false)
  const value = Buffer.alloc(100)
  for (let i = 0; i < records; i++) {
    output.append({ topic: 'in', partition: 0, key: null, value, timestamp: 0, headers: headersOf(i) })
  }
  const bytes = Buffer.concat(
    output.finish().map((batch) => {
      batch.stamp({ producerId: -1n, epoch: -1 }, -1)
      return batch.bytes
    }),
  )
  const parsed = parseBatches({ bytes, start: 0, end: bytes.length, fetchOffset: 0, aborted: [] })
  const buffer = new PartitionBuffer(0, 0, bytes.length)
  buffer.put(parsed, bytes.length)
  return buffer.take(Number.MAX_SAFE_INTEGER, bytes.length, bytes.length)
}
