/** What the contract needs of a log's surroundings, and the words that its theorems are written in. */
import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import type { EventLog, Membership, ReadLimit, Share, TopicPartition } from '../../../src/runtime/ports.ts'
import type { RecordBatch } from '../../../src/stages/records.ts'
import { valueAt as bytesOf, keyAt } from '../../../src/stages/records.ts'

/** Somebody else's transaction: of a producer that is not the log under test. */
export interface ForeignTransaction {
  /** Resolves when the records are in the log, undecided. */
  write(topic: string, partition: number, values: readonly string[]): Promise<void>
  /** Resolves when the group holds the positions, undecided. */
  stage(group: string, topic: string, next: ReadonlyMap<number, number>): Promise<void>
  commit(): Promise<void>
  abort(): Promise<void>
}

/** Servers, or what stands for them, that several clients share. */
export interface LogWorld {
  /** One more client, as another process would have one. */
  client(): EventLog
  /** One whose members, after `hang`, neither say nor hear that they live, as when a process is suspended. */
  hangingClient(): { readonly client: EventLog; readonly hang: () => void }
  /** A name that nobody else uses, for a topic or a group. */
  topicName(prefix: string): string
  begin(): Promise<ForeignTransaction>
  deleteBefore(at: TopicPartition, offset: number): Promise<void>
  /** Closes every client and what else was opened. */
  close(): Promise<void>
}

/** A record as a test compares it. */
export interface PlainRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string | null>>
}

/** Far longer than anything here takes; reaching it is a failure. */
const deadline = { timeout: 30_000, interval: 10 }
const much: ReadLimit = { maxEvents: 10_000, maxBytes: 10_000_000 }

export function plain(batch: RecordBatch): PlainRecord[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    offset: batch.offset[i],
    key: keyAt(batch, i)?.toString() ?? null,
    value: bytesOf(batch, i)?.toString() ?? null,
    timestamp: batch.timestamp[i],
    headers: Object.fromEntries(
      batch.headers(i).map(({ name, value }) => [name, value === null ? null : Buffer.from(value).toString()]),
    ),
  }))
}

/** `prefix-from` to `prefix-(to - 1)`. */
export function numbered(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `${prefix}-${from + i}`)
}

/** A new topic with cleanup 'delete'. */
export async function newTopic(world: LogWorld, log: EventLog, partitions: number, prefix = 'topic'): Promise<string> {
  const topic = world.topicName(prefix)
  // Kept for ever: the records of these tests have timestamps of long ago, and retention would go by them.
  await log.prepare([{ topic, partitions, cleanup: 'delete', retentionMs: -1, owner: 'shoal' }], true)
  return topic
}

export async function publishValues(
  log: EventLog,
  topic: string,
  partition: number,
  values: readonly string[],
): Promise<void> {
  await log.publish((outputs) => {
    for (const value of values) {
      outputs.append({ topic, partition, key: null, value: Buffer.from(value), timestamp: 1_700_000_000_000 })
    }
  })
}

/** What a committed reader can read of a partition at this moment, up to the end that the log names. */
export async function visibleIn(log: EventLog, topic: string, partition: number): Promise<(string | null)[]> {
  const at = { topic, partition }
  const { start, end } = await log.bounds(at)
  const records = start === end ? [] : await readUntil(log, at, start, (_, next) => next >= end)
  return values(records)
}

const lastKey = 'the last record of a reading'

/**
 * Every committed record of a partition. A commit is acknowledged before the brokers have told every partition of
 * it, so a reader may see it a moment later: what is published behind it becomes visible only once all before is decided.
 */
export async function readAll(log: EventLog, at: TopicPartition): Promise<PlainRecord[]> {
  const { start } = await log.bounds(at)
  const mark = randomUUID()
  await log.publish((outputs) => {
    outputs.append({ ...at, key: Buffer.from(lastKey), value: Buffer.from(mark), timestamp: 1 })
  })
  const records = await readUntil(log, at, start, (read) => read.some(({ value }) => value === mark))
  return records.filter(({ key }) => key !== lastKey)
}

export async function valuesIn(log: EventLog, topic: string, partition: number): Promise<(string | null)[]> {
  return values(await readAll(log, { topic, partition }))
}

function values(records: readonly PlainRecord[]): (string | null)[] {
  return records.map(({ value }) => value)
}

/** Resolves once a reader of committed records can read up to `end`. */
export async function reaches(log: EventLog, at: TopicPartition, end: number): Promise<void> {
  await vi.waitFor(async () => expect((await log.bounds(at)).end).toBe(end), deadline)
}

/** Follows from `from` until `enough` says so of what was read and where the next batch begins. */
export async function readUntil(
  log: EventLog,
  { topic, partition }: TopicPartition,
  from: number,
  enough: (records: readonly PlainRecord[], next: number) => boolean,
): Promise<PlainRecord[]> {
  const records: PlainRecord[] = []
  for await (const batch of log.follow(topic, new Map([[partition, from]]), AbortSignal.timeout(deadline.timeout))) {
    records.push(...plain(batch))
    if (enough(records, batch.nextOffset)) return records
  }
  throw new Error(`${topic}/${partition} must hold what the test expects: read ${records.length} records`)
}

/** Resolves with the first answer of `check` that is neither null nor false. */
export function until<T>(what: string, check: () => T | null | false): Promise<T> {
  return vi.waitFor(() => {
    const answer = check()
    if (answer === null || answer === false) throw new Error(`not so within the deadline: ${what}`)
    return answer
  }, deadline)
}

export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** A member whose shares the test works on itself: `run` only waits for the end of each. */
export class HeldMember {
  readonly shares: Share[] = []
  readonly membership: Membership
  /** Makes `run` throw. */
  readonly #failures: ((error: Error) => void)[] = []
  /** While true `run` does not return when its share ends. */
  stubborn = false

  constructor(log: EventLog, group: string, topic: string) {
    this.membership = log.join(group, topic, async (share) => {
      this.shares.push(share)
      const failure = new Promise<never>((_, reject) => this.#failures.push(reject))
      const end = whenAborted(share.ended).then(() => (this.stubborn ? failure : undefined))
      await Promise.race([failure, end])
    })
  }

  /** The share that has not ended. */
  get current(): Share | null {
    const newest = this.shares.at(-1)
    return newest === undefined || newest.ended.aborted ? null : newest
  }

  /** Once it holds something. */
  share(): Promise<Share> {
    return until('the member has a share', () => {
      const share = this.current
      return share !== null && share.positions.size > 0 && share
    })
  }

  /** The run of the share at `index` throws. */
  fail(index: number, error: Error): void {
    this.#failures[index](error)
  }

  leave(): Promise<void> {
    return this.membership.leave()
  }
}

export function partitionsOf(share: Share): number[] {
  return [...share.positions.keys()]
}

/** The shares of `members` once they divide `partitions` partitions evenly, each owned once. */
export function shared(members: readonly HeldMember[], partitions: number): Promise<Share[]> {
  return until('the members share all partitions', () => {
    const shares = members.map((member) => member.current).filter((share) => share !== null)
    const owned = shares.flatMap(partitionsOf).sort((a, b) => a - b)
    const sizes = shares.map((share) => share.positions.size)
    const isEven = shares.length === members.length && Math.max(...sizes) - Math.min(...sizes) <= 1
    return isEven && owned.join() === [...Array(partitions).keys()].join() && shares
  })
}

/** Reads until `count` records are there; what was read, by partition, and where each partition goes on. */
export async function take(share: Share, count: number, limit: ReadLimit = much) {
  const values = new Map<number, (string | null)[]>()
  const next = new Map(share.positions)
  for (let taken = 0; taken < count; ) {
    const batches = await share.read(limit)
    if (batches.length === 0) throw new Error(`the share ended with ${taken} of ${count} records read`)
    for (const batch of batches) {
      const read = plain(batch).map(({ value }) => value)
      values.set(batch.partition, [...(values.get(batch.partition) ?? []), ...read])
      next.set(batch.partition, batch.nextOffset)
      taken += batch.count
    }
  }
  return { values, next }
}
