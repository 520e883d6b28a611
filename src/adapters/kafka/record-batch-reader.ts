/** Parses what a fetch returned for a partition: record batches of format 2, into columns. */
import { crc32c } from '@node-rs/crc32'
import { viewOf } from '../../core/codec/view-of.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { AbortedRanges, type AbortedTransaction } from './aborted-ranges.ts'
import { decompress } from './compression.ts'
import { RecordColumns, readHeaders } from './record-columns.ts'
import { attribute, batchHeaderBytes, field, int64At, leastRecordBytes, lengthOverhead } from './record-format.ts'
import { VarintReader } from './varint.ts'

/** The batches of one partition in a fetch answer. */
export interface FetchedBatches {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** What was asked for: records below it, which share a batch with it, are left out. */
  readonly fetchOffset: number
  readonly aborted: readonly AbortedTransaction[]
}

export interface ParsedRecords {
  readonly columns: RecordColumns
  /** What the columns index into: the answer itself, or side memory when a batch was compressed. */
  readonly bytes: Buffer
  readonly view: DataView
  /** Past everything that was parsed: control records, aborted and compacted ones too. */
  readonly nextOffset: number
}

/** Side memory for one fetch; what does not fit is left in the log for the next. */
const maxSideBytes = 64 * 1024 * 1024

/**
 * IN: `fetched`. OUT: the committed records in columns. Throws `log.corrupt` for bytes that fail their checksum or
 * that cannot be a record batch; a last batch that the broker cut short is left for the next fetch.
 *
 * @param take gives memory for the columns of records that lie in the answer, for as long as that is theirs.
 */
export function parseBatches(fetched: FetchedBatches, take?: (bytes: number) => Buffer): ParsedRecords {
  const { bytes, end, fetchOffset } = fetched
  const plan = survey(fetched)
  const columns = new RecordColumns(plan.records, plan.compressed ? undefined : take)
  const aborted = fetched.aborted.length === 0 ? null : new AbortedRanges(fetched.aborted)
  const side: Buffer[] | null = plan.compressed ? [] : null
  let sideBytes = 0
  let next = fetchOffset
  let at = fetched.start
  while (at + batchHeaderBytes <= end) {
    const batchEnd = at + lengthOverhead + bytes.readInt32BE(at + field.length)
    if (batchEnd > end) {
      if (at === fetched.start)
        corrupt(
          at,
          bytes,
          `must lie within the fetch, whose first batch is always whole: it ends ${batchEnd - end} bytes beyond`,
        )
      break
    }
    const lastOffset = verifyBatch(bytes, at, batchEnd, next)
    if (isWanted(bytes, at, lastOffset, aborted) && lastOffset >= fetchOffset) {
      const records = at + batchHeaderBytes
      if (side === null) {
        parseRecords(bytes, records, batchEnd, 0, bytes, at, fetchOffset, columns)
      } else {
        const section = recordSection(bytes, at, batchEnd)
        if (sideBytes > 0 && sideBytes + section.length > maxSideBytes) break
        parseRecords(section, 0, section.length, sideBytes, bytes, at, fetchOffset, columns)
        side.push(section)
        sideBytes += section.length
      }
    }
    next = Math.max(next, lastOffset + 1)
    at = batchEnd
  }
  const memory = side === null ? bytes : side.length === 1 ? side[0] : Buffer.concat(side, sideBytes)
  return {
    columns,
    bytes: memory,
    view: viewOf(memory),
    nextOffset: next,
  }
}

/** How many records to expect, and whether side memory is needed. Nothing that is read here is believed: it only sizes the columns. */
function survey(fetched: FetchedBatches): { readonly records: number; readonly compressed: boolean } {
  const { bytes, end } = fetched
  let records = 0
  let compressed = false
  let at = fetched.start
  while (at + batchHeaderBytes <= end) {
    const batchEnd = at + lengthOverhead + bytes.readInt32BE(at + field.length)
    if (batchEnd > end || batchEnd < at + batchHeaderBytes) break
    const count = bytes.readInt32BE(at + field.count)
    if ((bytes[at + field.attributes + 1] & attribute.compression) !== 0) compressed = true
    else if (count > 0) records += Math.min(count, (batchEnd - at - batchHeaderBytes) / leastRecordBytes)
    at = batchEnd
  }
  return { records: Math.ceil(records), compressed }
}

/** Holds a batch against its checksum and against the batches before it; returns its last offset. */
function verifyBatch(bytes: Buffer, at: number, end: number, after: number): number {
  if (end < at + batchHeaderBytes)
    corrupt(at, bytes, `must have a header of ${batchHeaderBytes} bytes: it is ${end - at} long`)
  const magic = bytes[at + field.magic]
  if (magic !== 2) corrupt(at, bytes, `must have format 2 (Kafka 0.11 and newer): it has ${magic}`)
  const claimed = bytes.readUInt32BE(at + field.crc)
  const computed = crc32c(bytes.subarray(at + field.attributes, end))
  if (claimed !== computed) corrupt(at, bytes, `must match its checksum ${claimed}: its bytes give ${computed}`)
  const base = int64At(bytes, at + field.baseOffset)
  const lastOffset = base + bytes.readInt32BE(at + field.lastOffsetDelta)
  if (base < 0 || lastOffset < base || lastOffset < after - 1 || !Number.isSafeInteger(lastOffset)) {
    corrupt(at, bytes, `must follow offset ${after - 1}: it spans ${base} to ${lastOffset}`)
  }
  return lastOffset
}

/** Whether a batch holds committed records. */
function isWanted(bytes: Buffer, at: number, lastOffset: number, aborted: AbortedRanges | null): boolean {
  const attributes = bytes[at + field.attributes + 1]
  const control = (attributes & attribute.control) !== 0
  if (aborted !== null) {
    aborted.reach(lastOffset)
    const producer = bytes.readBigInt64BE(at + field.producerId)
    if (control && isAbortMarker(bytes, at)) aborted.end(producer)
    else if (!control && (attributes & attribute.transactional) !== 0 && aborted.isAborted(producer)) return false
  }
  // The attribute says what a control batch is, never the key: a data record may have any key.
  return !control
}

/** A marker's key is its version (int16) and type (int16): 0 aborts, 1 commits. Compaction may leave a batch without its marker. */
function isAbortMarker(bytes: Buffer, at: number): boolean {
  if (bytes.readInt32BE(at + field.count) === 0) return false
  const end = at + lengthOverhead + bytes.readInt32BE(at + field.length)
  const varint = new VarintReader()
  varint.at = at + batchHeaderBytes
  varint.int(bytes, end)
  varint.at++
  varint.long(bytes, end)
  varint.int(bytes, end)
  const keyLength = varint.int(bytes, end)
  if (keyLength < 4 || varint.at + keyLength > end)
    corrupt(at, bytes, `must have a marker's key when it is a control batch: ${keyLength} bytes`)
  return bytes.readInt16BE(varint.at + 2) === 0
}

/** For side memory: a copy of what is not compressed, because the memory of the answer is given to another before this goes. */
function recordSection(bytes: Buffer, at: number, end: number): Buffer {
  const section = bytes.subarray(at + batchHeaderBytes, end)
  const codec = bytes[at + field.attributes + 1] & attribute.compression
  return codec === 0 ? Buffer.from(section) : decompress(codec, section)
}

/**
 * One batch's records. IN: the section `from`..`end` of `source`; `shift` is what its bytes will be moved by;
 * `head` at `at` is the batch's header. OUT: `columns`. The one-byte case of every varint is written out; anything
 * longer, or beyond the section (which reads as undefined), goes the checked way.
 */
function parseRecords(
  source: Buffer,
  from: number,
  end: number,
  shift: number,
  head: Buffer,
  at: number,
  fetchOffset: number,
  columns: RecordColumns,
): void {
  const count = head.readInt32BE(at + field.count)
  const lastDelta = head.readInt32BE(at + field.lastOffsetDelta)
  if (count < 0 || count > (end - from) / leastRecordBytes)
    corrupt(at, head, `must have room for its ${count} records: it has ${end - from} bytes`)
  columns.room(count)
  const base = int64At(head, at + field.baseOffset)
  const appendTime = (head[at + field.attributes + 1] & attribute.logAppendTime) !== 0
  const baseTime = int64At(head, at + (appendTime ? field.maxTimestamp : field.baseTimestamp))
  const { keyStart, keyLength, valueStart, valueLength, offset, timestamp } = columns
  const varint = new VarintReader()
  let row = columns.count
  let p = from
  let lastSeen = -1
  let byte = 0
  for (let i = 0; i < count; i++) {
    let length = 0
    byte = source[p]
    if (byte < 128) {
      length = (byte >>> 1) ^ -(byte & 1)
      p++
    } else {
      varint.at = p
      length = varint.int(source, end)
      p = varint.at
    }
    const recordEnd = p + length
    if (length < leastRecordBytes - 1 || recordEnd > end)
      corrupt(at, head, `must hold its records: record ${i} claims ${length} bytes, ${end - p} are left`)
    p++
    let timeDelta = 0
    byte = source[p]
    if (byte < 128) {
      timeDelta = (byte >>> 1) ^ -(byte & 1)
      p++
    } else {
      varint.at = p
      timeDelta = varint.long(source, recordEnd)
      p = varint.at
    }
    let delta = 0
    byte = source[p]
    if (byte < 128) {
      delta = (byte >>> 1) ^ -(byte & 1)
      p++
    } else {
      varint.at = p
      delta = varint.int(source, recordEnd)
      p = varint.at
    }
    if (delta <= lastSeen || delta > lastDelta)
      corrupt(at, head, `must have rising offsets up to ${lastDelta}: ${delta} follows ${lastSeen}`)
    lastSeen = delta
    byte = source[p]
    if (byte < 128) {
      length = (byte >>> 1) ^ -(byte & 1)
      p++
    } else {
      varint.at = p
      length = varint.int(source, recordEnd)
      p = varint.at
    }
    if (length < -1 || length > recordEnd - p)
      corrupt(at, head, `must hold its records: record ${i} has a key of ${length} bytes`)
    keyStart[row] = p + shift
    keyLength[row] = length
    if (length > 0) p += length
    byte = source[p]
    if (byte < 128) {
      length = (byte >>> 1) ^ -(byte & 1)
      p++
    } else {
      varint.at = p
      length = varint.int(source, recordEnd)
      p = varint.at
    }
    if (length < -1 || length > recordEnd - p)
      corrupt(at, head, `must hold its records: record ${i} has a value of ${length} bytes`)
    valueStart[row] = p + shift
    valueLength[row] = length
    if (length > 0) p += length
    // Without headers there is one zero byte left; with them they are checked now, so that reading them later is safe.
    if (source[p] !== 0 || p + 1 !== recordEnd) {
      if (readHeaders(source, p, recordEnd) !== recordEnd)
        corrupt(at, head, `must hold its records: record ${i} has bytes left over`)
    }
    p = recordEnd
    const at64 = base + delta
    if (at64 >= fetchOffset) {
      offset[row] = at64
      timestamp[row] = heldTime(appendTime ? baseTime : baseTime + timeDelta)
      row++
    }
  }
  if (p !== end) corrupt(at, head, `must end with its last record: ${end - p} bytes are left over`)
  columns.count = row
}

/** Beyond the year 287,396 a double holds no whole milliseconds: what a producer claims beyond it is held there. */
function heldTime(ms: number): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, ms))
}

function corrupt(at: number, bytes: Buffer, rule: string): never {
  const base = at + 8 <= bytes.length ? int64At(bytes, at) : -1
  throw new ShoalError('log.corrupt', `the record batch at offset ${base} ${rule}`)
}
