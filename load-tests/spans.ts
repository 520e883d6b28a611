/**
 * What tracing costs by itself: the spans of one transaction that is scored and of one update that is folded, with all that
 * is observed in them, in microseconds of processor time; and what it costs to find the traces that a batch's events were
 * produced in, in nanoseconds an event: on 10,000 records as a broker gives them. A minute of one core, no servers.
 *
 *     node load-tests/spans.ts [--rounds 200] [--json]
 */
import { parseArgs } from 'node:util'
import { PartitionBuffer } from '../src/adapters/kafka/partition-buffer.ts'
import { parseBatches } from '../src/adapters/kafka/record-batch-reader.ts'
import { PartitionOutput } from '../src/adapters/kafka/record-batch-writer.ts'
import { telemetry } from '../src/adapters/telemetry/telemetry.ts'
import type { Telemetry } from '../src/runtime/ports.ts'
import { linkProducers } from '../src/runtime/producer-links.ts'
import { inSpan, noSpan, type Span } from '../src/runtime/span.ts'
import type { Header, RecordBatch } from '../src/stages/records.ts'
import { thisMachine } from './results.ts'
import { spreadOf } from './spread.ts'
import { type Way, ways } from './traced/ways.ts'
import { inTurns } from './turns.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
})
const rounds = Number(values.rounds)
const records = 10_000
const nsPerMs = 1e6
/** In one round, and rounds in which code is compiled. */
const transactions = 1000
const warmUp = 5

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
const links = [...taken].map(([name, ms]) => ({
  name,
  nsPerEvent: spreadOf(
    ms.map((each) => (each * nsPerMs) / records),
    3,
  ),
}))

const work = batchesOf((i) => traceparent(i), 500)
const traced = new Map((Object.keys(ways) as Way[]).map((way) => [way, [] as number[]]))
for (let round = -warmUp; round < rounds; round++) {
  for (const [way, us] of traced) {
    const each = await cpuUsOfSpans(telemetry({ level: 'error', base: {}, tracing: ways[way]() }))
    if (round >= 0) us.push(each)
  }
}
const spans = [...traced].map(([way, us]) => ({ way, usPerTransaction: spreadOf(us, 1) }))

const machine = thisMachine()
if (values.json) process.stdout.write(`${JSON.stringify({ machine, records, rounds, links, spans })}\n`)
else {
  process.stdout.write(`${machine}; ${records} records, ${rounds} rounds, ${linked} links\n`)
  for (const { name, nsPerEvent } of links)
    process.stdout.write(`${name}: ${nsPerEvent.median} ns an event (${nsPerEvent.least}–${nsPerEvent.most})\n`)
  for (const { way, usPerTransaction } of spans)
    process.stdout.write(
      `traced ${way}: ${usPerTransaction.median} µs a transaction (${usPerTransaction.least}–${usPerTransaction.most})\n`,
    )
}

/** What one transaction and the fold of its update start, end and observe, as in src/runtime/score-worker.ts and training.ts. */
async function cpuUsOfSpans(said: Telemetry): Promise<number> {
  const input = { topic: 'in', group: 'shoal', batches: work } as const
  const updates = { topic: 'updates', group: 'shoal.train', batches: work.slice(0, 1) } as const
  const started = process.cpuUsage()
  for (let i = 0; i < transactions; i++) {
    const span = said.startSpan('transaction shoal', { isRoot: true, facts: { 'shoal.stage': 'score' } })
    const processing = {
      kind: 'consumer',
      facts: { 'shoal.model.version': i },
      messages: { operation: 'process', ...input },
    } as const
    await span.run(() =>
      inSpan(said, 'process in', processing, async (inner) => {
        linkProducers(inner, work)
        inner.traceparent()
        await null
        said.observe('shoal_batch_seconds', 0.01, { stage: 'score' })
        said.observe('shoal_batch_events', 500, { stage: 'score' })
      }),
    )
    const committing = { kind: 'client', messages: { operation: 'commit', ...input } } as const
    await span.run(() => inSpan(said, 'commit in', committing, () => Promise.resolve()))
    said.observe('shoal_transaction_seconds', 0.02, { stage: 'score' })
    said.observe('shoal_transaction_bytes', 60_000, { stage: 'score' })
    span.add({ 'shoal.transaction.bytes': 60_000, 'shoal.anomalies': 3 })
    span.end()
    const folding = { kind: 'consumer', isRoot: true, messages: { operation: 'process', ...updates } } as const
    await inSpan(said, 'process updates', folding, async (inner) => {
      linkProducers(inner, updates.batches)
      await null
      said.observe('shoal_batch_seconds', 0.01, { stage: 'train' })
      said.observe('shoal_batch_events', 1, { stage: 'train' })
      inner.add({ 'shoal.model.version': i })
    })
  }
  const { user, system } = process.cpuUsage(started)
  await said.close()
  return (user + system) / transactions
}

/** As a fetch of one partition gives them. */
function batchesOf(headersOf: (i: number) => Header[], records = 10_000): readonly RecordBatch[] {
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
