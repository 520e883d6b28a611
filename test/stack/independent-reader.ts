/** What Kafka's own client finds in the log: no code of Shoal's, nor of kafkajs, lies between a test and the broker. */
import type { ReadRecord } from '../pipeline/harness.ts'
import { exitOf, launch, linesOf } from './java-program.ts'

export interface Committed {
  /** Committed records of a topic, by partition, in the order in which Kafka gives them. */
  records(topic: string): readonly (readonly ReadRecord[])[]
  /** The group's stable position in each partition of the topic. */
  positions(topic: string): readonly number[]
}

export interface PartitionEnd {
  readonly partition: number
  readonly lastStable: number
  readonly highWatermark: number
}

/** Reads topics to their end with isolation.level=read_committed, and the positions of a group. */
export async function readCommitted(kafka: string, group: string, topics: readonly string[]): Promise<Committed> {
  const program = await launch('CommittedRecords.java', [kafka, group, ...topics])
  const ended = exitOf(program)
  const records = new Map<string, ReadRecord[][]>(topics.map((topic) => [topic, []]))
  const positions = new Map<string, number[]>()
  for await (const line of linesOf(program)) {
    const [what, topic, partition, ...rest] = line.split(' ')
    if (what === 'record') placeFor(records.get(topic)!, Number(partition)).push(recordOf(Number(partition), rest))
    else positions.set(topic, Object.assign(positions.get(topic) ?? [], { [Number(partition)]: Number(rest[0]) }))
  }
  await ended
  return { records: (topic) => records.get(topic)!, positions: (topic) => positions.get(topic) ?? [] }
}

function placeFor(partitions: ReadRecord[][], partition: number): ReadRecord[] {
  while (partitions.length <= partition) partitions.push([])
  return partitions[partition]
}

function recordOf(partition: number, [offset, timestamp, key, value, headers]: readonly string[]): ReadRecord {
  return {
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: bytesOf(key)?.toString() ?? null,
    value: bytesOf(value),
    headers: headers === '' ? [] : headers.split(',').map(headerOf),
  }
}

function headerOf(text: string): ReadRecord['headers'][number] {
  const at = text.indexOf('=')
  return { name: text.slice(0, at), value: bytesOf(text.slice(at + 1)) ?? Buffer.alloc(0) }
}

function bytesOf(text: string): Buffer | null {
  return text === '-' ? null : Buffer.from(text, 'base64')
}

export interface CommittedStream {
  /** Ends when `close` is called; rejects when the reader ended by itself. */
  readonly done: Promise<void>
  close(): Promise<void>
}

/** Hands on every committed record, in the order in which Kafka gives them, from the beginning on, as they are committed. */
export async function streamCommitted(
  kafka: string,
  topics: readonly string[],
  onRecord: (topic: string, record: ReadRecord) => void,
): Promise<CommittedStream> {
  const program = await launch('CommittedStream.java', [kafka, ...topics])
  const ended = exitOf(program)
  const read = async (): Promise<void> => {
    for await (const line of linesOf(program)) {
      const [, topic, partition, ...rest] = line.split(' ')
      onRecord(topic, recordOf(Number(partition), rest))
    }
    await ended
  }
  const done = read()
  done.catch(() => program.kill())
  return {
    done,
    async close() {
      program.stdin!.end()
      await done
    },
  }
}

export interface EndsWatcher {
  /** Ends of the topic's partitions, by partition. */
  ask(topic: string): Promise<readonly PartitionEnd[]>
  close(): Promise<void>
}

/** Stays at hand to say where partitions end: for readers of committed records, and in truth. */
export async function watchEnds(kafka: string): Promise<EndsWatcher> {
  const program = await launch('PartitionEnds.java', [kafka])
  const ended = exitOf(program)
  const lines = linesOf(program)
  return {
    async ask(topic) {
      program.stdin!.write(`${topic}\n`)
      const ends: PartitionEnd[] = []
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error('the watcher of ends has ended')
        if (value === '') return ends.sort((a, b) => a.partition - b.partition)
        const [partition, lastStable, highWatermark] = value.split(' ').slice(1).map(Number)
        ends.push({ partition, lastStable, highWatermark })
      }
    },
    async close() {
      program.stdin!.end()
      await ended
    },
  }
}

export interface CommittedCount {
  readonly topic: string
  readonly partition: number
  readonly records: number
  /** Offsets before the end that have not been read yet. */
  readonly left: number
}

export interface CommittedCounter {
  ask(): Promise<readonly CommittedCount[]>
  close(): Promise<void>
}

/** Counts every committed record of topics that are there, from the beginning on, as they are committed. */
export async function countCommitted(kafka: string, topics: readonly string[]): Promise<CommittedCounter> {
  const program = await launch('CommittedCounts.java', [kafka, ...topics])
  const ended = exitOf(program)
  const lines = linesOf(program)
  return {
    async ask() {
      program.stdin!.write('\n')
      const counts: CommittedCount[] = []
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error('the counter of committed records has ended')
        if (value === '') return counts
        const [topic, ...numbers] = value.split(' ')
        const [partition, records, left] = numbers.map(Number)
        counts.push({ topic, partition, records, left })
      }
    },
    async close() {
      program.stdin!.end()
      await ended
    },
  }
}

/** Transactions of several producers across each other: how many were ended how, and of how many records. */
export async function writeInterleaved(kafka: string, topic: string, seed: number, transactions: number) {
  const program = await launch('InterleavedTransactions.java', [kafka, topic, String(seed), String(transactions)])
  const ended = exitOf(program)
  let said = ''
  for await (const line of linesOf(program)) said += line
  await ended
  const [committed, aborted, left, records] = said.split(' ').map(Number)
  return { committed, aborted, left, records }
}
