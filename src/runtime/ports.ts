/** What the runtime needs of the world. Adapters implement these; stages never see them. */
import type { Outputs, RecordBatch } from '../stages/records.ts'
import type { LabelsOf, MetricName } from './metrics.ts'
import type { Span, SpanPlan } from './span.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Next offset to read, by partition of the group's topic. */
export type Positions = ReadonlyMap<number, number>

/** A topic as Shoal wants it: created so, or verified to be so. */
export interface TopicSpec {
  readonly topic: string
  /** Exact number of partitions; null when any number will do (the input). */
  readonly partitions: number | null
  readonly cleanup: 'delete' | 'compact'
  /** Unset: the broker's default. */
  readonly retentionMs?: number
  /** The largest record batch in bytes that the topic must take. */
  readonly maxMessageBytes?: number
  /** Bytes behind which compaction begins: the newest so many are read whole. It holds for a topic that is created. */
  readonly segmentBytes?: number
  /** Whose clock its records are dated by; unset: whoever writes them says. It holds for a topic that is created. */
  readonly datedBy?: 'log'
  /** How far ahead of the broker's clock the topic must let a record's time be; one that is created lets it be any. */
  readonly aheadMs?: number
  /** The input is yours: it is verified, never created. */
  readonly owner: 'shoal' | 'user'
}

/** What a topic is, as far as Shoal cares. */
export interface TopicFacts {
  readonly partitions: number
  readonly maxMessageBytes: number
  /** How far ahead of the broker's clock a record's time may be; null: nobody limits it. */
  readonly aheadMs: number | null
}

/** Offsets from `from` up to, and without, `to`. */
export interface ExpiredRange {
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** Offsets of a partition: of its first record, and behind the last that a reader of committed records is given. */
export interface Bounds {
  readonly start: number
  readonly end: number
}

export interface EventLog {
  /** What it is and where, for people: `Kafka at b1:9092`. */
  readonly place?: string
  /**
   * Takes part in `group`, which shares out the partitions of `topic` among all its members. `run` is called with a
   * share that lives through rebalances: partitions come to it and go from it, those that stay are neither stopped
   * nor read again. It returns when `share.ended` fires; by returning before, the member leaves the group. It may throw:
   * a `log.fenced` error means that the share is lost (a new one follows); any other ends the membership, and `done`
   * rejects with it. So does a position that is not in the log (`log.out_of_range`); but with `onExpired`, what retention
   * has deleted before it was read is passed over, and told.
   */
  join(
    group: string,
    topic: string,
    run: (share: Share) => Promise<void>,
    onExpired?: (range: ExpiredRange) => void,
  ): Membership
  /**
   * Committed records of these partitions from these offsets on, in order within each, for ever: ends when the signal fires.
   * One that always has more keeps none of the others waiting. Reads no more than it yields, plus one fetch.
   */
  follow(topic: string, from: Positions, signal: AbortSignal): AsyncIterable<RecordBatch>
  /** The first offset and the last stable offset (the end for a reader of committed records). */
  bounds(at: TopicPartition): Promise<Bounds>
  /** The same of several partitions, by one question to each broker. */
  boundsOf(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Bounds>>
  /** The end with what open transactions have written: once a reader is there, it has missed nothing that was begun before the call. */
  written(at: TopicPartition): Promise<number>
  /** Null when there is no such topic. */
  describe(topic: string): Promise<TopicFacts | null>
  /** Creates what is missing and adds partitions where there are too few (`create`), or refuses by name what is missing or wrong. */
  prepare(topics: readonly TopicSpec[], create: boolean): Promise<void>
  /** Committed positions of a group, stable ones only; a partition without one is left out. */
  committed(group: string, topic: string): Promise<Positions>
  /** The same without waiting: of a position that a pending transaction moves, what it is until then. */
  lastCommitted(group: string, topic: string): Promise<Positions>
  /** How many members the group that reads the topic has now. */
  members(group: string, topic: string): Promise<number>
  /** Records outside any group's work (a producer's, a tool's), acknowledged by all replicas when this resolves. */
  publish(write: (outputs: Outputs) => void): Promise<void>
  close(): Promise<void>
}

/** Does long computations beside this thread. */
export interface Computer {
  /**
   * The result of a computation of core/upkeep/computations.ts, to the bits that this thread would give. Rejects when it
   * cannot be done there; it has been said why.
   */
  compute(name: string, input: unknown): Promise<unknown>
  close(): Promise<void>
}

export interface Membership {
  /** Resolves after `leave`; rejects with the error that ended the membership. */
  readonly done: Promise<void>
  /** Fires `share.ended`, waits for `run` to return, leaves the group. How it ended is for `done` to say. */
  leave(): Promise<void>
}

export interface ReadLimit {
  /** Events over all partitions of the share, about evenly divided. */
  readonly maxEvents: number
  /** Bytes of values over all partitions; one record above the limit is still given, alone. */
  readonly maxBytes: number
  /** What is little may be held back for so long, until more has come: for a reader that is in no hurry, and spares the log requests. */
  readonly gatherMs?: number
}

export interface Share {
  /** The partitions that are read now, and where the reading of each began: a stable position, or the start of the log. */
  readonly positions: Positions
  /** Resolves at the next change of `positions`, or when the share ends. */
  changed(): Promise<void>
  /** Fires when the partition is to be given up (what was read of it is still committed), or is lost, or the share ends. */
  held(partition: number): AbortSignal
  /** The member is leaving, or has lost its share: finish the transaction in flight, then return. */
  readonly ended: AbortSignal
  /** At least one batch; none when the share has ended or holds no partition any more. Several of one partition come in order. */
  read(limit: ReadLimit): Promise<readonly RecordBatch[]>
  /**
   * Gives back what was read of the partition from this offset on, and reads none of it until `resume`: what was given
   * back is then read again. No transaction may hold any of it. It keeps no memory, and the partition from no other member.
   */
  pause(partition: number, from: number): void
  /** Reads it again, if it is still held. */
  resume(partition: number): void
  /**
   * `stands` is asked in every new generation before anything is committed there: false when what is held has been another
   * member's meanwhile though its positions are where they were, and the share is lost. It must end when the signal fires.
   */
  guard(stands: (signal: AbortSignal) => Promise<boolean>): void
  /** At most two are open at a time: one that is being filled and one that commits. They commit in the order of `commit`. */
  begin(): Transaction
}

export interface Transaction extends Outputs {
  /** Bytes written so far. */
  readonly bytes: number
  /**
   * Outputs and positions, together or not at all; `log.fenced` for partitions that are not the member's in the
   * present generation. Once one has failed, no later one of the share succeeds: it would pass over what the failed
   * one should have written.
   */
  commit(next: Positions): Promise<void>
  /** Leaves the log as if `begin` had never been called; a commit that is under way is waited for instead. */
  abandon(): Promise<void>
}

/** A published model version, outside the log. */
export interface Snapshot {
  readonly name: string
  readonly version: number
  /** When the model was born, in ms: versions of a later birth win over any of an earlier one. */
  readonly bornAtMs: number
  readonly fingerprint: string
  /** Offset of the same bytes in the `models` topic. */
  readonly offset: number
  readonly publishedAtMs: number
  /** Exactly the value that the log holds. */
  readonly bytes: Uint8Array
  /** The clusters as JSON, for other services: the store shows it beside the snapshot, and never gives it back. */
  readonly summary?: string
}

export interface SnapshotStore {
  /**
   * Compare-and-set: 'stale' when one of a later birth, or as new or newer a version of the same birth, is there.
   * `instead`: what is there and was found not to be of this log; exactly that counts as absent.
   */
  put(snapshot: Snapshot, instead?: Snapshot): Promise<'written' | 'stale'>
  latest(name: string): Promise<Snapshot | null>
  /** Versions kept, newest first. */
  history(name: string, limit: number): Promise<readonly { readonly version: number; readonly publishedAtMs: number }[]>
  read(name: string, version: number): Promise<Snapshot | null>
  close(): Promise<void>
}

/** A schema as its writer registered it, with what it refers to. */
export interface WriterSchema {
  readonly type: 'AVRO' | 'JSON' | 'PROTOBUF'
  readonly text: string
  readonly references: readonly { readonly name: string; readonly text: string }[]
}

export interface SchemaRegistry {
  /** Registers `schema` under `subject` (compatibility BACKWARD is set first) and gives its id. Idempotent. */
  register(subject: string, schema: string): Promise<number>
  /** Null when the registry answers that there is no such id. An unreachable registry throws, retriable. */
  lookup(id: number): Promise<WriterSchema | null>
  close(): Promise<void>
}

export interface Clock {
  /** Milliseconds for measuring how long: steady, whatever is done to the machine's clock. */
  now(): number
  /** Milliseconds since the epoch as the machine says: for what is written down, never for a wait, because it may be set. */
  date(): number
  /** Resolves after `ms`, or at once when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Lets input and output proceed before the next piece of work. */
  yield(): Promise<void>
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

export interface Telemetry {
  readonly log: Log
  count<N extends MetricName>(name: N, value: number, labels: LabelsOf<N>): void
  observe<N extends MetricName>(name: N, value: number, labels: LabelsOf<N>): void
  /** NaN takes the series away: a gauge of what this process no longer has must not stand still for ever. */
  gauge<N extends MetricName>(name: N, value: number, labels: LabelsOf<N>): void
  /** Inside of the span that this is called in, or of the one that the plan's headers name. */
  startSpan(name: string, plan: SpanPlan): Span
  close(): Promise<void>
}
