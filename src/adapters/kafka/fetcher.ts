/** Reads ahead, from the leaders of its partitions, committed records only. One loop per broker, one fetch ahead per partition. */
import { ShoalError } from '../../runtime/errors.ts'
import { outOfRange } from '../../runtime/out-of-range.ts'
import type { Clock, ExpiredRange, Log, Positions } from '../../runtime/ports.ts'
import { type AnswerMemory, Lease } from './answer-memory.ts'
import { refusal } from './broker-errors.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { type FetchAnswer, type FetchedPartition, type FetchLimits, fetchRecords } from './fetch-request.ts'
import { translated } from './kafka-errors.ts'
import { earliest, latest, listOffsets, type Sought } from './offset-requests.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import { parseBatches } from './record-batch-reader.ts'
import { Signal } from './signal.ts'

export interface FetcherOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Log
  readonly topic: string
  /** What a partition is asked for at a time. */
  readonly fetchPartitionBytes: number
  /** What may be held in memory over all partitions; one answer of each broker may go over it. */
  readonly fetchTotalBytes: number
  /** A position below the log's start: told, and begun at the start. Null: refused. */
  readonly onExpired: ((range: ExpiredRange) => void) | null
  /** What answers lie in. */
  readonly memory: AnswerMemory
}

/** How long a fetch may gather, and how much. */
type Wait = Pick<FetchLimits, 'maxWaitMs' | 'minBytes'>

/** For some of the partitions while others wait, or while much flows: a short wait gathers more. */
const gathering: Wait = { maxWaitMs: 5, minBytes: 64 * 1024 }
/** Answered with the first record. */
const atOnce: Wait = { maxWaitMs: 250, minBytes: 1 }
/**
 * Where the last answer held less, more is asked for only when somebody waits for it, and comes as soon as it is there: what was
 * fetched during a commit would be a few events, and those that came after them would miss the next transaction.
 */
const muchBytes = 16 * 1024
const maxAnswerBytes = 16 * 1024 * 1024
const longestPauseMs = 500
/** Pauses that grow beyond this are worth a word. */
const noticedMs = 100
const offsetOutOfRange = 1

export class Fetcher {
  readonly #options: FetcherOptions
  /** What something came of last is last: the broker fills its answer in this order, and what always has more starves nothing. */
  #partitions: readonly PartitionBuffer[] = []
  readonly #loops = new Set<number>()
  readonly #closed = new AbortController()
  /** Fires when something has been read, or reading has failed. */
  readonly #arrived = new Signal()
  /** Somebody has nothing left to take. */
  #isAwaited = false
  /** How long whoever waits lets what is little be held back. */
  #gatherMs = 0
  /** Fires when something has been taken, or is waited for. */
  readonly #taken = new Signal()
  #failure: ShoalError | null = null

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  get partitions(): readonly PartitionBuffer[] {
    return this.#partitions
  }

  /** Why reading cannot go on; what was read before it is still there. */
  get failure(): ShoalError | null {
    return this.#failure
  }

  /** Reads these partitions, too, from these offsets on. */
  add(from: Positions): void {
    const { fetchPartitionBytes } = this.#options
    const fresh = [...from].map(([partition, offset]) => new PartitionBuffer(partition, offset, fetchPartitionBytes))
    this.#partitions = [...this.#partitions, ...fresh]
    this.#assign()
    this.#taken.fire()
    this.#arrived.fire()
  }

  /** What was read of it, and what a fetch under way brings of it, is dropped. */
  remove(partition: number): void {
    this.#partitions = this.#partitions.filter((buffer) => buffer.partition !== partition)
    this.#taken.fire()
    this.#arrived.fire()
  }

  /** Resolves when something has been read, or reading has failed. */
  async arrival(gatherMs = 0): Promise<void> {
    this.#gatherMs = gatherMs
    this.#isAwaited = true
    this.#taken.fire()
    await this.#arrived.wait()
    this.#isAwaited = false
  }

  /** Tells the loops that there is room again. */
  took(): void {
    this.#taken.fire()
  }

  /** A fetch that is under way is left to itself; what it brings is dropped. */
  close(): void {
    this.#closed.abort()
    this.#taken.fire()
    this.#arrived.fire()
  }

  /** Gives every partition to the loop of its leader. */
  #assign(): void {
    const { cluster, topic } = this.#options
    for (const buffer of this.#partitions) buffer.node = cluster.leader(topic, buffer.partition)
    const nodes = new Set(this.#partitions.map((buffer) => buffer.node))
    for (const node of nodes) {
      if (this.#loops.has(node ?? noNode)) continue
      this.#loops.add(node ?? noNode)
      const loop = node === null ? this.#findLeaders() : this.#readFrom(node)
      void loop.catch((error) => this.#fail(translated(error, `reading ${topic}`))).finally(() => this.#loopEnded(node))
    }
  }

  /** A partition that came while its loop was ending needs another. */
  #loopEnded(node: number | null): void {
    this.#loops.delete(node ?? noNode)
    if (this.#active && this.#partitions.some((buffer) => buffer.node === node)) this.#assign()
  }

  async #findLeaders(): Promise<void> {
    for (
      let pauseMs = 20;
      this.#active && this.#partitions.some((buffer) => buffer.node === null);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    ) {
      await this.#options.clock.sleep(pauseMs, this.#closed.signal)
      await this.#refresh()
    }
  }

  async #readFrom(node: number): Promise<void> {
    let pauseMs = 0
    let cameBytes = 0
    while (this.#active) {
      const mine = this.#partitions.filter((buffer) => buffer.node === node)
      if (mine.length === 0) return
      const wanted = this.#wanted(mine)
      const gathers = cameBytes >= muchBytes || wanted.length < mine.length
      if (wanted.length === 0 || !(gathers || this.#isAwaited)) {
        await this.#taken.wait()
        continue
      }
      try {
        cameBytes = await this.#fetch(node, wanted, this.#wait(gathers))
        if (pauseMs > noticedMs)
          this.#options.log.info('Reading from a broker goes on', { topic: this.#options.topic, node })
        pauseMs = 0
      } catch (error) {
        const trouble = translated(error, `reading ${this.#options.topic} from broker ${node}`)
        if (!this.#active || !trouble.retriable) throw trouble
        pauseMs = Math.min(Math.max(10, pauseMs * 2), longestPauseMs)
        await this.#recover(node, pauseMs, trouble)
      }
    }
  }

  #wait(gathers: boolean): Wait {
    if (this.#gatherMs > 0) return { ...gathering, maxWaitMs: this.#gatherMs }
    return gathers ? gathering : atOnce
  }

  /** A leader that moves is nothing to speak of; what lasts longer is told once. */
  async #recover(node: number, pauseMs: number, trouble: ShoalError): Promise<void> {
    const { clock, log, topic } = this.#options
    if (pauseMs > noticedMs && pauseMs <= noticedMs * 2) {
      log.warn('Reading from a broker fails; it is tried again until it succeeds', {
        topic,
        node,
        error: trouble.message,
      })
    }
    await clock.sleep(pauseMs, this.#closed.signal)
    await this.#refresh()
  }

  /** Partitions with room. */
  #wanted(mine: readonly PartitionBuffer[]): readonly PartitionBuffer[] {
    return this.#room === 0 ? [] : mine.filter((buffer) => buffer.hasRoom)
  }

  /** Bytes that an answer may have; none while there is no room for what one partition is asked for. */
  get #room(): number {
    const { fetchPartitionBytes, fetchTotalBytes } = this.#options
    const held = this.#heldBytes
    if (held === 0) return Math.min(maxAnswerBytes, Math.max(fetchPartitionBytes, fetchTotalBytes))
    return fetchTotalBytes - held < fetchPartitionBytes ? 0 : Math.min(maxAnswerBytes, fetchTotalBytes - held)
  }

  get #heldBytes(): number {
    return this.#partitions.reduce((sum, buffer) => sum + buffer.heldBytes, 0)
  }

  /** Bytes that came; 0: nothing did. */
  async #fetch(node: number, wanted: readonly PartitionBuffer[], wait: Wait): Promise<number> {
    const { cluster, topic } = this.#options
    const limits = { ...wait, maxBytes: Math.max(this.#room, this.#options.fetchPartitionBytes) }
    const wants = wanted.map((buffer) => ({
      partition: buffer.partition,
      offset: buffer.fetchOffset,
      maxBytes: buffer.askBytes,
    }))
    const answer = await cluster.send(node, lane.fetches, fetchRecords(topic, wants, limits))
    if (answer.error !== 0) throw refusal(answer.error, `reading ${topic} from broker ${node}`)
    return this.#active ? this.#receive(answer, wanted) : 0
  }

  /** Keeps what came of every partition before it throws what one of them answered. */
  async #receive(answer: FetchAnswer, wanted: readonly PartitionBuffer[]): Promise<number> {
    const byPartition = new Map(wanted.map((buffer) => [buffer.partition, buffer]))
    const refused: FetchedPartition[] = []
    const moved = new Set<PartitionBuffer>()
    let cameBytes = 0
    let held = this.#heldBytes
    const lease = new Lease(this.#options.memory, answer.bytes)
    lease.take()
    for (const fetched of answer.partitions) {
      const buffer = byPartition.get(fetched.partition)
      if (buffer === undefined || !this.#partitions.includes(buffer)) continue
      if (fetched.error !== 0) refused.push(fetched)
      // What was small under way may have grown: the rest is fetched again when there is room for it. Not all of an answer,
      // or a broker whose answers come after another's would never be heard.
      if (fetched.error !== 0 || (moved.size > 0 && held > this.#options.fetchTotalBytes)) continue
      held -= buffer.heldBytes
      if (this.#keep(answer, fetched, buffer, lease)) {
        cameBytes += fetched.end - fetched.start
        moved.add(buffer)
      }
      held += buffer.heldBytes
    }
    lease.end()
    if (moved.size > 0) {
      this.#partitions = [...this.#partitions.filter((buffer) => !moved.has(buffer)), ...moved]
      this.#arrived.fire()
    }
    for (const { partition, error } of refused) {
      if (error === offsetOutOfRange) await this.#outOfRange(byPartition.get(partition)!)
      else throw refusal(error, `reading partition ${partition} of ${this.#options.topic}`)
    }
    return cameBytes
  }

  /** Parses what came for one partition; true when that moved it on. */
  #keep(answer: FetchAnswer, fetched: FetchedPartition, buffer: PartitionBuffer, lease: Lease): boolean {
    if (fetched.start === fetched.end) {
      // Data, but none given: the answer was full, or the next batch is larger than what was asked for.
      if (buffer.fetchOffset < fetched.lastStableOffset) buffer.askBytes = Math.min(maxAnswerBytes, buffer.askBytes * 2)
      return false
    }
    try {
      const { start, end, aborted } = fetched
      const batches = { bytes: answer.bytes, start, end, fetchOffset: buffer.fetchOffset, aborted }
      const parsed = parseBatches(batches, (bytes) => lease.more(bytes))
      const isInAnswer = parsed.bytes === answer.bytes
      return buffer.put(parsed, isInAnswer ? end - start : parsed.bytes.length, isInAnswer ? lease : null)
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error
      throw new ShoalError(error.code, `partition ${buffer.partition} of ${this.#options.topic}: ${error.message}`, {
        cause: error,
      })
    }
  }

  /** The leader may have been one that lags behind: only what the log itself says counts. */
  async #outOfRange(buffer: PartitionBuffer): Promise<void> {
    const { topic, onExpired } = this.#options
    const { start, end } = await this.#range(buffer)
    const { partition, fetchOffset } = buffer
    if (fetchOffset >= start && fetchOffset <= end) return
    if (fetchOffset < start && onExpired !== null) {
      // The position moves, with or without a record there, so that it is committed.
      buffer.fetchOffset = start
      onExpired({ partition, from: fetchOffset, to: start })
      this.#arrived.fire()
      return
    }
    throw outOfRange({ topic, partition }, fetchOffset, start, end)
  }

  async #range(buffer: PartitionBuffer): Promise<{ readonly start: number; readonly end: number }> {
    const { cluster, topic } = this.#options
    const { partition, node } = buffer
    const ask = async (sought: Sought): Promise<number> => {
      const { offsets } = await cluster.send(node ?? noNode, lane.requests, listOffsets(topic, [partition], sought))
      const found = offsets[0]
      if (found === undefined || found.error !== 0)
        throw refusal(found?.error ?? -1, `asking for the range of partition ${partition} of ${topic}`)
      return found.offset
    }
    return { start: await ask(earliest), end: await ask(latest) }
  }

  async #refresh(): Promise<void> {
    await this.#options.cluster.refresh().catch(() => undefined)
    if (this.#active) this.#assign()
  }

  #fail(error: ShoalError): void {
    if (!this.#active) return
    this.#failure = error
    this.#closed.abort()
    this.#taken.fire()
    this.#arrived.fire()
  }

  get #active(): boolean {
    return !this.#closed.signal.aborted
  }
}

/** Kafka's broker ids are not negative. */
const noNode = -1
