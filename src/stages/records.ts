/** Records as the stages see them: columns in, bytes out. No object per record. */

/** A header of a record: a name and its bytes, or null. */
export interface Header {
  readonly name: string
  readonly value: Uint8Array | null
}

/**
 * Consecutive committed records of one partition, in columns. `*Start` index into `bytes` (and `view`,
 * which covers the same memory); a length of -1 means null. A batch without records still moves the
 * position: what lay between was control records, aborted or compacted away.
 */
export interface RecordBatch {
  readonly partition: number
  readonly count: number
  /** Where the reader stood before it: at or before the first record. */
  readonly fromOffset: number
  /** Offset to read next once this batch has been dealt with. */
  readonly nextOffset: number
  readonly bytes: Buffer
  readonly view: DataView
  readonly keyStart: Int32Array
  readonly keyLength: Int32Array
  readonly valueStart: Int32Array
  readonly valueLength: Int32Array
  readonly offset: Float64Array
  /** Milliseconds since the epoch, as the record says: any safe integer. */
  readonly timestamp: Float64Array
  headers(index: number): readonly Header[]
  /** How many there are, without making any of them: a record of a few megabytes may have millions. */
  headerCount(index: number): number
  /** Says that nobody will look at it any more: its memory may hold other records from now on. Saying nothing is safe. */
  release(): void
}

/** The bytes of a record's value (a view, not a copy), or null. */
export function valueAt(batch: RecordBatch, index: number): Buffer | null {
  const length = batch.valueLength[index]
  if (length < 0) return null
  const start = batch.valueStart[index]
  return batch.bytes.subarray(start, start + length)
}

/** The bytes of a record's key (a view, not a copy), or null. */
export function keyAt(batch: RecordBatch, index: number): Buffer | null {
  const length = batch.keyLength[index]
  if (length < 0) return null
  const start = batch.keyStart[index]
  return batch.bytes.subarray(start, start + length)
}

/** Where records lie in the bytes that they share. */
export type PlacedRecords = Pick<RecordBatch, 'keyStart' | 'valueStart' | 'valueLength'>

/** Bytes from the key of record `from` to the value of the last before `to`: never less than their values have. */
export function spanOf({ keyStart, valueStart, valueLength }: PlacedRecords, from: number, to: number): number {
  if (to === from) return 0
  return valueStart[to - 1] + Math.max(0, valueLength[to - 1]) - keyStart[from]
}

/** How many records batches have together. */
export function countOf(batches: readonly Pick<RecordBatch, 'count'>[]): number {
  return batches.reduce((sum, { count }) => sum + count, 0)
}

/** One record to write. */
export interface OutputRecord {
  readonly topic: string
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly headers?: readonly Header[]
}

/**
 * Where an encoder writes its values in place, for one partition of an output topic. `reserve` adds a
 * record with the given key and room for a value of exactly `valueLength` bytes, and returns where in
 * `bytes` the value starts. `bytes` and `view` may be replaced by `reserve`: read them again after it.
 */
export interface RecordSink {
  readonly bytes: Buffer
  readonly view: DataView
  /**
   * `keyLength` of -1 writes a null key; otherwise the key is copied from `keyBytes` at `keyStart`. The timestamp is
   * `times[time]`, in milliseconds: handed over by itself each would be an object.
   */
  reserve(
    keyBytes: Buffer,
    keyStart: number,
    keyLength: number,
    valueLength: number,
    times: Float64Array,
    time: number,
  ): number
}

/** What a stage may do with its transaction while it computes a batch. */
export interface Outputs {
  append(record: OutputRecord): void
  sink(topic: string, partition: number): RecordSink
}
