/**
 * What a record costs to write into a batch and to read out of one: Shoal's codec beside that of kafkajs, on the same events,
 * in turns in one process. Both give the same bytes, which is checked. A few seconds of one core, no servers.
 *
 *     node load-tests/record-codec.ts [--rounds 30] [--bytes 150] [--json]
 *
 * --bytes: the least that a value has; shorter ones are filled up.
 */
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { parseBatches } from '../src/adapters/kafka/record-batch-reader.ts'
import { PartitionOutput } from '../src/adapters/kafka/record-batch-writer.ts'
import { textOf } from './results.ts'
import { type Spread, spreadOf } from './spread.ts'
import { type JobEvent, jobEvents } from './throughput/job.ts'
import { inTurns } from './turns.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    bytes: { type: 'string', default: '150' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const count = 5000
const limit = 64 * 1024 * 1024
const producer = { producerId: 7n, epoch: 0 }

/** What kafkajs keeps to itself. */
interface Theirs {
  readonly RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>
  readonly decodeBatch: (decoder: object) => Promise<{ readonly records: readonly { readonly value: Buffer }[] }>
  readonly Record: (record: object) => object
  readonly Decoder: new (bytes: Buffer) => object
}
type Contender = 'write, Shoal' | 'write, kafkajs' | 'read, Shoal, sum checked' | 'read, kafkajs'

export interface CodecFigures {
  readonly bytes: number
  readonly nsOfRecord: Readonly<Record<Contender, Spread>>
  /** How many times as long kafkajs takes. */
  readonly ratios: { readonly write: Spread; readonly read: Spread }
}

const require = createRequire(import.meta.url)
const internal = (path: string) => require(`kafkajs/src/protocol/${path}`)
const theirs: Theirs = {
  RecordBatch: internal('recordBatch/v0').RecordBatch,
  decodeBatch: internal('recordBatch/v0/decoder'),
  Record: internal('recordBatch/record/v0'),
  Decoder: internal('decoder'),
}

const contenders: Readonly<Record<Contender, () => unknown>> = {
  'write, Shoal': writeOurs,
  'write, kafkajs': writeTheirs,
  'read, Shoal, sum checked': readOurs,
  'read, kafkajs': readTheirs,
}
const events = eventsOf(Number(values.bytes))
const written = writeOurs()
if (!written.equals(await writeTheirs())) throw new Error('both codecs must give the same bytes')
const taken = await inTurns(contenders, rounds)
report()

function eventsOf(leastBytes: number): readonly JobEvent[] {
  const stream = jobEvents(1)
  return Array.from({ length: count }, () => {
    const event = stream.next().value
    const missing = Math.max(0, leastBytes - event.value.length)
    return { ...event, value: Buffer.concat([event.value, Buffer.alloc(missing)]) }
  })
}

function writeOurs(): Buffer {
  const output = new PartitionOutput('transactions', 0, limit, true)
  for (const { key, value, timestampMs } of events) {
    output.append({ topic: 'transactions', partition: 0, key, value, timestamp: timestampMs })
  }
  const [batch] = output.finish()
  batch.stamp(producer, 0)
  return batch.bytes
}

async function writeTheirs(): Promise<Buffer> {
  const [{ timestampMs: first }] = events
  const records = events.map(({ key, value, timestampMs }, i) =>
    theirs.Record({ offsetDelta: i, timestampDelta: timestampMs - first, key, value }),
  )
  const { buffer } = await theirs.RecordBatch({
    firstTimestamp: first,
    maxTimestamp: events[count - 1].timestampMs,
    // As a producer leaves it that knows of no leader.
    partitionLeaderEpoch: -1,
    lastOffsetDelta: count - 1,
    transactional: true,
    producerId: producer.producerId.toString(),
    producerEpoch: producer.epoch,
    records,
  })
  return buffer
}

function readOurs(): number {
  return parseBatches({ bytes: written, start: 0, end: written.length, fetchOffset: 0, aborted: [] }).columns.count
}

async function readTheirs(): Promise<number> {
  return (await theirs.decodeBatch(new theirs.Decoder(written))).records.length
}

function report(): void {
  const ratio = (task: string, ours: string) => {
    const [mine, other] = [taken.get(ours)!, taken.get(`${task}, kafkajs`)!]
    return spreadOf(
      mine.map((ms, i) => other[i] / ms),
      1,
    )
  }
  const ratios = { write: ratio('write', 'write, Shoal'), read: ratio('read', 'read, Shoal, sum checked') }
  const nsOfRecord = Object.fromEntries(
    [...taken].map(([name, ms]) => {
      const ns = ms.map((each) => (each * 1e6) / count)
      return [name, spreadOf(ns, 0)]
    }),
  ) as CodecFigures['nsOfRecord']
  if (values.json) {
    const found: CodecFigures = { bytes: events[0].value.length, nsOfRecord, ratios }
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    return
  }
  const rows = Object.entries(nsOfRecord).map(([name, { median, least, most }]) => [
    name,
    String(median),
    `${least} to ${most}`,
  ])
  process.stdout.write(`${textOf({ head: ['', 'ns a record', 'least to most'], rows })}\n`)
  for (const [task, { median, least, most }] of Object.entries(ratios)) {
    process.stdout.write(`${task}: kafkajs takes ${median} times as long (${least} to ${most})\n`)
  }
}
