/**
 * A model as bytes: the Avro encoding of schemas/model.avsc, written by hand because it must be the same to the bit
 * everywhere. The first field is the format version and the last four bytes are the CRC-32C of all before them; both
 * stay where they are in every later format, so that any release can tell damage from age.
 */

import { areSound, plainShapes, ShapeKind, type Shapes } from '../features/shapes.ts'
import type { Model } from '../model/model.ts'
import { emptyStatistics, isSound } from '../model/statistics.ts'
import { rarityBins } from '../score/rarity.ts'
import { sampleOf } from '../upkeep/reservoir.ts'
import { areWithin } from '../within.ts'
import { AvroReader } from './avro-reader.ts'
import { AvroWriter } from './avro-writer.ts'
import { problemOfControl, readControl, writeControl } from './control-codec.ts'
import { crc32c } from './crc32c.ts'
import { problemOfDrift, readDrift, writeDrift } from './drift-codec.ts'
import { problemOfFeatures, readFeatures, writeFeatures } from './feature-codec.ts'
import { fingerprintBytes, fingerprintFromBytes, fingerprintToBytes } from './fingerprint.ts'
import { problemOfQuality, readQuality, writeQuality } from './quality-codec.ts'
import { readRanges, writeRanges } from './range-codec.ts'
import { readStatistics, writeStatistics } from './statistics-codec.ts'
import { problemOfUpkeep, readUpkeep, writeUpkeep } from './upkeep-codec.ts'
import { readUsual, writeUsual } from './usual-codec.ts'

export const modelFormat = 1
export const checksumBytes = 4
const mostColumns = 65_536
/** About what a model of a few clusters takes beside its sampled rows. */
const besideRowsBytes = 64 * 1024

export type Refusal = 'damaged' | 'newer_format' | 'foreign'

/** What decoding gives: the value, or why not. */
export type Decoded<T> = { readonly value: T } | { readonly refused: Refusal; readonly detail: string }

export function encodeModel(model: Model): Uint8Array {
  // Most of it is the sampled rows: so the memory need not grow.
  const { rows, clocks } = sampleOf(model.upkeep.reservoir)
  const writer = new AvroWriter(besideRowsBytes + rows.byteLength + 2 * clocks.byteLength)
  writer.int(modelFormat)
  writer.fixed(fingerprintToBytes(model.fingerprint))
  writer.long(model.bornAtMs)
  writer.long(model.version)
  writer.int(model.d)
  writer.double(model.halfLifeEvents)
  writer.double(model.rarityHalfLifeEvents)
  writer.long(model.trainedEvents)
  writer.long(model.nextUpdateOffset)
  writer.array(
    [...model.learnedUpTo].sort((a, b) => a[0] - b[0]),
    writeLearned,
  )
  writeRanges(writer, model.bornFrom)
  writer.arrayBegin(model.k)
  for (let j = 0; j < model.k; j++) {
    writer.int(model.ids[j])
    writer.long(model.bornVersions[j])
    writeStatistics(writer, model.clusters, j)
  }
  writer.arrayEnd()
  writeStatistics(writer, model.whole, 0)
  writer.doubles(model.floor)
  writer.double(model.rarity.weight)
  writer.doubles(model.rarity.bins)
  writeShapes(writer, model.shapes)
  writeUpkeep(writer, model.upkeep)
  writeFeatures(writer, model.features)
  writer.double(model.rarity.exponent)
  writeUsual(writer, model.usual)
  writeDrift(writer, model.drift)
  writeQuality(writer, model.quality)
  writeControl(writer, model.control)
  // A version is kept for a while: not with the room that the writer had.
  return sealed(writer).slice()
}

/** Reads a model made by `fingerprint`'s configuration; anything else is refused with its name. */
export function decodeModel(bytes: Uint8Array, fingerprint: string): Decoded<Model> {
  const opened = open(bytes)
  if ('refused' in opened) return opened
  const reader = opened.value
  const made = fingerprintFromBytes(reader.fixed(fingerprintBytes))
  if (made !== fingerprint) {
    return { refused: 'foreign', detail: `it was made by configuration ${made}, this one is ${fingerprint}` }
  }
  const bornAtMs = reader.long()
  const version = reader.long()
  const d = readColumns(reader)
  const halfLifeEvents = reader.double()
  const rarityHalfLifeEvents = reader.double()
  const trainedEvents = reader.long()
  const nextUpdateOffset = reader.long()
  const learnedUpTo = new Map(reader.array(2, readLearned))
  const bornFrom = readRanges(reader)
  const clusters = readClusters(reader, d)
  // Only then are there as many bytes as columns were claimed.
  if (clusters === null) return unfit
  const whole = emptyStatistics(1, d)
  readStatistics(reader, whole, 0)
  const floor = reader.doubles(d)
  const [weight, bins] = [reader.double(), reader.doubles(rarityBins)]
  const shapes = readShapes(reader, d)
  const upkeep = readUpkeep(reader, clusters.ids.length, d)
  const features = readFeatures(reader)
  const rarity = { weight, bins, exponent: reader.double() }
  const usual = readUsual(reader, clusters.ids.length, d)
  const drift = readDrift(reader)
  const quality = readQuality(reader)
  const control = readControl(reader)
  reader.fixed(checksumBytes)
  if (!reader.complete) return unfit
  const model: Model = {
    fingerprint: made,
    bornAtMs,
    version,
    d,
    k: clusters.ids.length,
    halfLifeEvents,
    rarityHalfLifeEvents,
    ...clusters,
    whole,
    floor,
    shapes,
    rarity,
    features,
    trainedEvents,
    nextUpdateOffset,
    learnedUpTo,
    bornFrom,
    upkeep,
    usual,
    drift,
    quality,
    control,
  }
  const problem = problemOf(model)
  return problem === null ? { value: model } : { refused: 'damaged', detail: problem }
}

const unfit = { refused: 'damaged', detail: 'its fields do not fit its schema' } as const

/** What no fold gives, or null: whoever wrote it, nothing may be scored by it or learned on top of it. */
function problemOf(model: Model): string | null {
  const { version, clusters, whole, floor, rarity } = model
  if (!(version >= 1 && model.nextUpdateOffset >= 0 && model.trainedEvents >= 0))
    return 'its counts must not be negative'
  if (!(model.halfLifeEvents > 0 && model.rarityHalfLifeEvents > 0)) return 'its half-lives must be above 0'
  for (let j = 0; j < model.k; j++) {
    if (!isSound(clusters, j)) return `its cluster ${j} must be the statistics of events`
  }
  for (let j = 0; j < model.k; j++) {
    if (!isSound(model.usual.places, j)) return `its usual place ${j} must be the statistics of events`
  }
  if (!isSound(whole, 0)) return 'its whole must be the statistics of events'
  if (!floor.every((least) => least > 0 && least < Number.POSITIVE_INFINITY)) return 'its least spreads must be above 0'
  const isCount = (count: number) => count >= 0 && count < Number.POSITIVE_INFINITY
  if (!(isCount(rarity.weight) && areWithin(rarity.bins, 0, Number.MAX_VALUE)))
    return 'its bins must be counts of events'
  if (!(rarity.exponent > 0 && rarity.exponent < Number.POSITIVE_INFINITY)) return 'its exponent must be above 0'
  if (!areSound(model.shapes)) return 'its shapes must be such as a birth gives'
  const { from } = model.features.bins
  const features = from.length - 1
  return (
    problemOfUpkeep(model.upkeep, model.ids) ??
    problemOfFeatures(model.features) ??
    problemOfDrift(model.drift, features, from[features], model.k, model.d) ??
    problemOfQuality(model.quality, model.k, model.d) ??
    problemOfControl(model.control)
  )
}

/** Of a partition, where what has been learned of it ends. */
type Learned = readonly [partition: number, offset: number]

function writeLearned(writer: AvroWriter, [partition, offset]: Learned): void {
  writer.int(partition)
  writer.long(offset)
}

function readLearned(reader: AvroReader): Learned {
  return [reader.int(), reader.long()]
}

function readClusters(reader: AvroReader, d: number): Pick<Model, 'ids' | 'bornVersions' | 'clusters'> | null {
  const read = reader.array(12 + 16 * d, (from) => ({
    id: from.int(),
    bornVersion: from.long(),
    weight: from.double(),
    mean: from.doubles(d),
    m2: from.doubles(d),
  }))
  if (reader.failed || read.length === 0) return null
  const clusters = emptyStatistics(read.length, d)
  read.forEach(({ weight, mean, m2 }, j) => {
    clusters.weight[j] = weight
    clusters.mean.set(mean, j * d)
    clusters.m2.set(m2, j * d)
  })
  return {
    ids: Int32Array.from(read, ({ id }) => id),
    bornVersions: Float64Array.from(read, ({ bornVersion }) => bornVersion),
    clusters,
  }
}

function writeShapes(writer: AvroWriter, { kind, centre, scale }: Shapes): void {
  writer.arrayBegin(kind.length)
  for (let c = 0; c < kind.length; c++) {
    writer.int(kind[c])
    writer.double(centre[c])
    writer.double(scale[c])
  }
  writer.arrayEnd()
}

/** Of every column one, or the reader fails. */
function readShapes(reader: AvroReader, d: number): Shapes {
  const shapes = plainShapes(d)
  let c = 0
  for (let n = reader.arrayBlock(17); n > 0; n = reader.arrayBlock(17)) {
    for (let i = 0; i < n; i++, c++) {
      const kind = reader.int()
      if (c >= d || kind < 0 || kind > ShapeKind.squash) reader.fail()
      shapes.kind[c] = kind
      shapes.centre[c] = reader.double()
      shapes.scale[c] = reader.double()
    }
  }
  if (c !== d) reader.fail()
  return shapes
}

/** Columns of a row; a number that no configuration gives fails, before anything of that size is made. */
export function readColumns(reader: AvroReader): number {
  const d = reader.int()
  if (d >= 1 && d <= mostColumns) return d
  reader.fail()
  return 1
}

/**
 * Ends a record with the checksum of all that was written, and gives it, valid until the writer's next write. `seal`: what it
 * differs by in records of another sort.
 */
export function sealed(writer: AvroWriter, seal = 0): Uint8Array {
  const checksum = crc32c(writer.written()) ^ seal
  writer.fixed(Uint8Array.of(checksum >>> 24, checksum >>> 16, checksum >>> 8, checksum))
  return writer.written()
}

/** Checks checksum and format of a record; the reader that it gives stands behind the format version. */
export function open(bytes: Uint8Array, seal = 0): Decoded<AvroReader> {
  const end = bytes.length - checksumBytes
  if (end < 1) return { refused: 'damaged', detail: `it is ${bytes.length} bytes long` }
  const stored = ((bytes[end] << 24) | (bytes[end + 1] << 16) | (bytes[end + 2] << 8) | bytes[end + 3]) >>> 0
  const checksum = (crc32c(bytes.subarray(0, end)) ^ seal) >>> 0
  if (stored !== checksum) return { refused: 'damaged', detail: `its checksum is ${checksum}, not ${stored}` }
  const reader = new AvroReader(bytes)
  const format = reader.int()
  if (format < 1) return { refused: 'damaged', detail: `its format is ${format}` }
  if (format > modelFormat) {
    return { refused: 'newer_format', detail: `its format is ${format}, this release reads up to ${modelFormat}` }
  }
  return { value: reader }
}
