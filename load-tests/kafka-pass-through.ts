/**
 * How fast the log on Kafka alone is: read, copy every record to an output topic, commit, over four partitions.
 * node load-tests/kafka-pass-through.ts <host:port> [events, 1,000,000] [events per transaction, 10,000] [compression]
 */
import { randomUUID } from 'node:crypto'
import type { Compression } from '../src/adapters/kafka/compression.ts'
import { kafkaLog } from '../src/adapters/kafka/log.ts'
import { systemClock } from '../src/runtime/clock.ts'
import type { EventLog, Share } from '../src/runtime/ports.ts'
import type { RecordBatch, RecordSink } from '../src/stages/records.ts'

const partitions = 4
const valueBytes = 76

const [broker, events = '1000000', perTransaction = '10000', compression = 'none'] = process.argv.slice(2)
if (broker === undefined) throw new Error('the first argument must be the address of a broker')
const total = Number(events)
const run = `pass-${randomUUID().slice(0, 8)}`
const say = (message: string, fields?: Readonly<Record<string, unknown>>) => console.error(message, fields ?? '')
const log = kafkaLog({
  brokers: [broker],
  clientId: 'pass-through',
  transactionalId: run,
  compression: compression as Compression,
  log: { info: () => undefined, warn: say, error: say },
  clock: systemClock,
})
const input = `${run}-in`
const output = `${run}-out`

await log.prepare([spec(input), spec(output)], true)
await fill(log)
await measure(log)
await log.close()

function spec(topic: string) {
  return { topic, partitions, cleanup: 'delete', owner: 'shoal' } as const
}

async function fill(to: EventLog): Promise<void> {
  const value = Buffer.alloc(valueBytes, 'v')
  const started = performance.now()
  // Now: what is older than the retention time may be deleted while it is read.
  const timestamp = systemClock.date()
  for (let from = 0; from < total; from += 100_000) {
    const count = Math.min(100_000, total - from)
    await to.publish((outputs) => {
      for (let i = from; i < from + count; i++) {
        outputs.append({ topic: input, partition: i % partitions, key: Buffer.from(String(i)), value, timestamp })
      }
    })
  }
  say(`published ${Math.round((total / (performance.now() - started)) * 1000)} events a second`)
}

async function measure(from: EventLog): Promise<void> {
  let begun = 0
  let transactions = 0
  let cpu = process.cpuUsage()
  const membership = from.join(run, input, async (share: Share) => {
    let seen = 0
    let committing: Promise<void> = Promise.resolve()
    begun = performance.now()
    cpu = process.cpuUsage()
    while (seen < total && !share.ended.aborted) {
      const batches = await share.read({ maxEvents: Number(perTransaction), maxBytes: 64 * 1024 * 1024 })
      const transaction = share.begin()
      const next = new Map<number, number>()
      for (const batch of batches) {
        copy(batch, transaction.sink(output, batch.partition))
        next.set(batch.partition, batch.nextOffset)
        seen += batch.count
        await systemClock.yield()
      }
      await committing
      transactions++
      committing = transaction.commit(next)
    }
    await committing
  })
  await membership.done
  const ms = performance.now() - begun
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    JSON.stringify({
      compression,
      eventsPerSecond: Math.round((total / ms) * 1000),
      microsecondsPerEvent: Number(((user + system) / total).toFixed(3)),
      userMicrosecondsPerEvent: Number((user / total).toFixed(3)),
      transactions,
    }),
  )
}

function copy(batch: RecordBatch, sink: RecordSink): void {
  const { bytes, keyStart, keyLength, valueStart, valueLength, timestamp, count } = batch
  for (let i = 0; i < count; i++) {
    const length = valueLength[i]
    const from = valueStart[i]
    const at = sink.reserve(bytes, keyStart[i], keyLength[i], length, timestamp, i)
    bytes.copy(sink.bytes, at, from, from + length)
  }
}
