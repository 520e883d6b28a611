/** Writes record batches of format 2, for one partition of an output topic, straight into the bytes that are sent. */
import { crc32c } from '@node-rs/crc32'
import { varlongSize, writeVarlong } from '../../core/codec/varlong.ts'
import { viewOf } from '../../core/codec/view-of.ts'
import type { Header, OutputRecord, RecordSink } from '../../stages/records.ts'
import { type Compression, compressionNumber, compressors } from './compression.ts'
import { attribute, batchHeaderBytes, field, lengthOverhead } from './record-format.ts'
import type { ProducerIdentity } from './transaction-requests.ts'
import { varintBytes, writeVarint } from './varint.ts'

const firstBytes = 16 * 1024
/** Room is looked at after so many transactions; twice what any of them needed is enough, and twice that too much. */
const manyUses = 100
const noHeaders: readonly Header[] = []

/** A batch that no record is added to any more. */
export class FinishedBatch {
  readonly count: number
  bytes: Buffer

  constructor(bytes: Buffer, count: number) {
    this.bytes = bytes
    this.count = count
  }

  /** Compressed unless that makes it longer. */
  async compress(compression: Exclude<Compression, 'none'>): Promise<void> {
    const records = await compressors[compression](this.bytes.subarray(batchHeaderBytes))
    if (records.length >= this.bytes.length - batchHeaderBytes) return
    const smaller = Buffer.concat([this.bytes.subarray(0, batchHeaderBytes), records])
    smaller.writeInt32BE(smaller.length - lengthOverhead, field.length)
    smaller[field.attributes + 1] |= compressionNumber(compression)
    this.bytes = smaller
  }

  /**
   * Last of all: the epoch is known only when the transaction before has ended, and the checksum covers it.
   * A batch that is sent again is not stamped again: the same bytes are how the broker knows it.
   */
  stamp(who: ProducerIdentity, sequence: number): void {
    this.bytes.writeBigInt64BE(who.producerId, field.producerId)
    this.bytes.writeInt16BE(who.epoch, field.producerEpoch)
    this.bytes.writeInt32BE(sequence, field.baseSequence)
    this.bytes.writeUInt32BE(crc32c(this.bytes.subarray(field.attributes)), field.crc)
  }
}

/**
 * A partition's output. Records go into the present batch; a full one is finished and the next begun. A record that is
 * too large lies alone in a batch, for the commit to refuse.
 */
export class PartitionOutput implements RecordSink {
  readonly topic: string
  readonly partition: number
  readonly #transactional: boolean
  /** The largest batch that the topic takes, in bytes. */
  #limit: number
  bytes: Buffer
  view: DataView
  #at = batchHeaderBytes
  #count = 0
  #baseTime = 0
  #maxTime = 0
  /** Of a record that comes by itself. */
  readonly #time = new Float64Array(1)
  #finished: FinishedBatch[] = []
  /** Bytes in finished batches. */
  #finishedBytes = 0
  /** Of the transactions since the memory was last looked at: how many, and what the largest wrote. */
  #uses = 0
  #mostBytes = 0

  constructor(topic: string, partition: number, limit: number, transactional: boolean) {
    this.topic = topic
    this.partition = partition
    this.#limit = limit
    this.#transactional = transactional
    this.bytes = Buffer.allocUnsafeSlow(Math.min(firstBytes, limit))
    this.view = viewOf(this.bytes)
  }

  /** Bytes written, batch headers included; 0 when there is nothing. */
  get length(): number {
    return this.#finishedBytes + (this.#count === 0 ? 0 : this.#at)
  }

  /** Takes effect with the next record. */
  set limit(bytes: number) {
    this.#limit = bytes
  }

  reserve(
    keyBytes: Buffer,
    keyStart: number,
    keyLength: number,
    valueLength: number,
    times: Float64Array,
    time: number,
  ): number {
    const at = this.#begin(keyLength, valueLength, 1, times, time)
    const bytes = this.bytes
    let to = writeVarint(bytes, at, keyLength)
    if (keyLength > 0) {
      // A short key is copied faster here than by a call.
      if (keyLength <= 24) for (let i = 0; i < keyLength; i++) bytes[to + i] = keyBytes[keyStart + i]
      else keyBytes.copy(bytes, to, keyStart, keyStart + keyLength)
      to += keyLength
    }
    const value = writeVarint(bytes, to, valueLength)
    to = value + Math.max(0, valueLength)
    bytes[to++] = 0
    this.#at = to
    return value
  }

  /** A whole record, with headers. */
  append(record: OutputRecord): void {
    const headers = record.headers ?? noHeaders
    const keyLength = record.key === null ? -1 : record.key.length
    const valueLength = record.value === null ? -1 : record.value.length
    this.#time[0] = record.timestamp
    const at = this.#begin(keyLength, valueLength, headersBytes(headers), this.#time, 0)
    const bytes = this.bytes
    let to = writeVarint(bytes, at, keyLength)
    if (record.key !== null) {
      bytes.set(record.key, to)
      to += keyLength
    }
    to = writeVarint(bytes, to, valueLength)
    if (record.value !== null) {
      bytes.set(record.value, to)
      to += valueLength
    }
    this.#at = writeHeaders(bytes, to, headers)
  }

  /** The batches to send, in order; the present one is finished too. */
  finish(): readonly FinishedBatch[] {
    if (this.#count > 0) this.#finishPresent()
    return this.#finished
  }

  /** Forgets everything written. `keepMemory` when nobody can still be sending it. */
  reset(keepMemory: boolean): void {
    const room = keepMemory ? this.#roomToKeep() : 0
    this.#finished = []
    this.#finishedBytes = 0
    this.#count = 0
    this.#at = batchHeaderBytes
    if (room < this.bytes.length)
      this.#replace(Buffer.allocUnsafeSlow(Math.min(Math.max(firstBytes, room), this.#limit)))
  }

  /** All of it, unless many transactions since have needed but a little: a backlog that was worked off leaves megabytes. */
  #roomToKeep(): number {
    this.#uses++
    this.#mostBytes = Math.max(this.#mostBytes, this.length)
    if (this.#uses < manyUses) return this.bytes.length
    const wanted = Math.max(firstBytes, 2 * this.#mostBytes)
    const room = this.bytes.length > 2 * wanted ? wanted : this.bytes.length
    this.#uses = 0
    this.#mostBytes = 0
    return room
  }

  /** Writes a record up to its key; returns where the key goes. `tail` is the length of the headers. */
  #begin(keyLength: number, valueLength: number, tail: number, times: Float64Array, time: number): number {
    const timestampMs = times[time]
    if (!Number.isSafeInteger(timestampMs))
      throw new RangeError(`a timestamp must be whole milliseconds: got ${timestampMs}`)
    const fixed = 1 + sizedBytes(keyLength) + sizedBytes(valueLength) + tail
    let delta = this.#count === 0 ? 0 : timestampMs - this.#baseTime
    let body = fixed + varlongSize(delta) + varintBytes(this.#count)
    let needed = varintBytes(body) + body
    // The format says a time as its difference from the batch's first, which must be a number, too.
    if (this.#count > 0 && (!Number.isSafeInteger(delta) || this.#at + needed > this.#limit)) {
      this.#finishPresent()
      this.#freshBatch()
      delta = 0
      body = fixed + 2
      needed = varintBytes(body) + body
    }
    const at = this.#at
    if (at + needed > this.bytes.length) this.#grow(at + needed)
    const count = this.#count
    if (count === 0) {
      this.#baseTime = timestampMs
      this.#maxTime = timestampMs
    } else if (timestampMs > this.#maxTime) {
      this.#maxTime = timestampMs
    }
    this.#count = count + 1
    const bytes = this.bytes
    let to = writeVarint(bytes, at, body)
    bytes[to++] = 0
    to = writeVarlong(bytes, to, delta)
    return writeVarint(bytes, to, count)
  }

  /** With room to spare, for what is kept: a version, a large record that comes alone, is a little larger each time. */
  #grow(needed: number): void {
    const roomy = Math.min(this.#limit, Math.ceil(Math.max(1.5 * this.bytes.length, 1.25 * needed)))
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, roomy))
    this.bytes.copy(larger, 0, 0, this.#at)
    this.#replace(larger)
  }

  #replace(bytes: Buffer): void {
    this.bytes = bytes
    this.view = viewOf(bytes)
  }

  #finishPresent(): void {
    const bytes = this.bytes
    bytes.writeBigInt64BE(0n, field.baseOffset)
    bytes.writeInt32BE(this.#at - lengthOverhead, field.length)
    bytes.writeInt32BE(-1, field.leaderEpoch)
    bytes[field.magic] = 2
    bytes.writeInt16BE(this.#transactional ? attribute.transactional : 0, field.attributes)
    bytes.writeInt32BE(this.#count - 1, field.lastOffsetDelta)
    bytes.writeBigInt64BE(BigInt(this.#baseTime), field.baseTimestamp)
    bytes.writeBigInt64BE(BigInt(this.#maxTime), field.maxTimestamp)
    bytes.writeInt32BE(this.#count, field.count)
    this.#finished.push(new FinishedBatch(bytes.subarray(0, this.#at), this.#count))
    this.#finishedBytes += this.#at
    this.#count = 0
    this.#at = batchHeaderBytes
  }

  /** The finished batch keeps its memory; the next gets as much, since it is likely to fill it too. */
  #freshBatch(): void {
    this.#replace(Buffer.allocUnsafeSlow(this.bytes.length))
  }
}

/** Bytes of a key or value with its length before it; a length of -1 means null. */
function sizedBytes(length: number): number {
  return varintBytes(length) + Math.max(0, length)
}

function headersBytes(headers: readonly Header[]): number {
  let bytes = varintBytes(headers.length)
  for (const { name, value } of headers) {
    const nameLength = Buffer.byteLength(name)
    bytes += varintBytes(nameLength) + nameLength
    bytes += value === null ? 1 : varintBytes(value.length) + value.length
  }
  return bytes
}

function writeHeaders(bytes: Buffer, at: number, headers: readonly Header[]): number {
  let to = writeVarint(bytes, at, headers.length)
  for (const { name, value } of headers) {
    to = writeVarint(bytes, to, Buffer.byteLength(name))
    to += bytes.write(name, to)
    to = writeVarint(bytes, to, value === null ? -1 : value.length)
    if (value === null) continue
    bytes.set(value, to)
    to += value.length
  }
  return to
}
