/** A model update as bytes: the Avro encoding of schemas/model-update.avsc, sealed like a model. */

import { isBudget } from '../command/command.ts'
import { mostNameBytes, mostSegments, type SegmentCounts, segmentBins, segmentWidth } from '../drift/segments.ts'
import { emptyStatistics, isSound } from '../model/statistics.ts'
import type { ModelUpdate } from '../model/update.ts'
import { rarityBins } from '../score/rarity.ts'
import { sum } from '../sum.ts'
import { areImportances, areKept, type SampledRows } from '../upkeep/reservoir.ts'
import { leastDrawn } from '../upkeep/sampling.ts'
import { areWithin } from '../within.ts'
import type { AvroReader } from './avro-reader.ts'
import { AvroWriter } from './avro-writer.ts'
import { problemOfUpdateFeatures, readUpdateFeatures, writeUpdateFeatures } from './feature-codec.ts'
import { checksumBytes, type Decoded, modelFormat, open, readColumns, sealed } from './model-codec.ts'
import { readRanges, writeRanges } from './range-codec.ts'
import { readStatistics, writeStatistics } from './statistics-codec.ts'
import { readUsualUpdate, writeUsualUpdate } from './usual-codec.ts'

/** `writer`: one that is used again has grown to what updates are; what it gave before is gone. */
export function encodeUpdate(update: ModelUpdate, writer = new AvroWriter(4096)): Uint8Array {
  writer.reset()
  writer.int(modelFormat)
  writer.long(update.bornAtMs)
  writer.long(update.version)
  writer.int(update.d)
  writeRanges(writer, update.ranges)
  writer.long(update.trained)
  writer.arrayBegin(update.clusterIds.length)
  for (let i = 0; i < update.clusterIds.length; i++) {
    writer.int(update.clusterIds[i])
    writeStatistics(writer, update.clusters, i)
  }
  writer.arrayEnd()
  writer.arrayBegin(update.bins.length)
  for (let i = 0; i < update.bins.length; i++) {
    writer.int(update.bins[i])
    writer.double(update.counts[i])
  }
  writer.arrayEnd()
  writer.long(update.farEvents)
  writer.floats(update.sampled.drawn)
  writer.floats(update.sampled.importance)
  writer.floats(update.sampled.rows)
  writeUpdateFeatures(writer, update.features)
  writeUsualUpdate(writer, update.usual)
  writer.double(update.budget)
  writer.long(update.fromMs)
  writer.long(update.toMs)
  writer.array(update.segments, writeSegment)
  return sealed(writer)
}

/** Reads an update; one that cannot be is refused, never folded. */
export function decodeUpdate(bytes: Uint8Array): Decoded<ModelUpdate> {
  const opened = open(bytes)
  if ('refused' in opened) return opened
  const reader = opened.value
  const bornAtMs = reader.long()
  const version = reader.long()
  const d = readColumns(reader)
  const ranges = readRanges(reader)
  const trained = reader.long()
  const count = reader.arrayBlock(11 + 16 * d)
  const clusterIds = new Int32Array(count)
  const clusters = emptyStatistics(count, d)
  for (let i = 0; i < count; i++) {
    clusterIds[i] = reader.int()
    readStatistics(reader, clusters, i)
  }
  if (count > 0 && reader.arrayBlock(1) !== 0) reader.fail()
  const binCount = reader.arrayBlock(9)
  const bins = new Int32Array(binCount)
  const counts = new Float64Array(binCount)
  for (let i = 0; i < binCount; i++) {
    bins[i] = reader.int()
    counts[i] = reader.double()
  }
  if (binCount > 0 && reader.arrayBlock(1) !== 0) reader.fail()
  const farEvents = reader.long()
  const drawn = reader.floats()
  const importance = reader.floats(drawn.length)
  const sampled = { drawn, importance, rows: reader.floats(drawn.length * d) }
  const features = readUpdateFeatures(reader)
  const usual = readUsualUpdate(reader, d)
  const budget = reader.double()
  const [fromMs, toMs] = [reader.long(), reader.long()]
  const segments = reader.array(2, readSegment)
  reader.fixed(checksumBytes)
  if (!reader.complete) return { refused: 'damaged', detail: 'its fields do not fit its schema' }
  const scored = { bornAtMs, version, d, ranges, trained, clusterIds, clusters, bins, counts }
  const update = { ...scored, farEvents, sampled, features, usual, budget, fromMs, toMs, segments }
  const problem = problemOf(update)
  return problem === null ? { value: update } : { refused: 'damaged', detail: problem }
}

function writeSegment(writer: AvroWriter, { name, counts }: SegmentCounts): void {
  writer.string(name)
  writer.longs(counts)
}

function readSegment(reader: AvroReader): SegmentCounts {
  return { name: reader.string(), counts: reader.longs() }
}

/** What no batch of events gives, or null. Whoever wrote it: folded, it would spoil the model for good. */
function problemOf(update: ModelUpdate): string | null {
  const { ranges, trained, clusters, bins, counts, features } = update
  if (!ranges.every(({ partition, from, to }) => partition >= 0 && from >= 0 && to >= from)) {
    return 'its offsets must not go backwards'
  }
  if (new Set(ranges.map(({ partition }) => partition)).size < ranges.length) return 'it must name a partition once'
  for (let i = 0; i < clusters.k; i++) {
    if (!(clusters.weight[i] > 0 && isSound(clusters, i))) return `its cluster ${i} must be the statistics of events`
  }
  const { statistics, index } = update.usual
  for (let i = 0; i < index.length; i++) {
    const isPlace = index[i] >= 0 && (i === 0 || index[i] > index[i - 1])
    if (!(isPlace && statistics.weight[i] > 0 && isSound(statistics, i))) {
      return `its usual place ${i} must be the statistics of events`
    }
  }
  if (!(update.toMs >= update.fromMs)) return 'its times must not go backwards'
  if (!isBudget(update.budget)) return 'its budget must be a share of events'
  for (let i = 0; i < bins.length; i++) {
    if (!(bins[i] >= 0 && bins[i] < rarityBins && counts[i] > 0)) return `its bin ${i} must be a count of events`
  }
  if (!(update.farEvents >= 0 && update.farEvents <= trained)) return 'its far events must be among its events'
  const badSegments = problemOfSegments(update.segments, trained)
  if (badSegments !== null) return badSegments
  const badSample = problemOfSample(update.sampled, trained)
  if (badSample !== null) return badSample
  const [weight, usual, count] = [sum(clusters.weight), sum(statistics.weight), sum(counts)]
  if (weight === trained && usual === trained && count === trained) return problemOfUpdateFeatures(features, trained)
  return `it must teach ${trained} events: its clusters hold ${weight}, its usual places ${usual}, its bins ${count}`
}

function problemOfSegments(segments: readonly SegmentCounts[], trained: number): string | null {
  if (segments.length > 2 * mostSegments + 1) return 'its segments must be few'
  if (new Set(segments.map(({ name }) => name)).size < segments.length) return 'it must name a segment once'
  let all = 0
  for (const { name, counts } of segments) {
    if (name.length > mostNameBytes) return `the name of a segment must have at most ${mostNameBytes} characters`
    if (counts.length !== segmentWidth || !counts.every((count) => count >= 0)) {
      return 'what it counts of a segment must be counts of events'
    }
    all += sum(counts.subarray(0, segmentBins))
  }
  return all <= trained ? null : 'the events of its segments must be among its events'
}

function problemOfSample({ drawn, importance, rows }: SampledRows, trained: number): string | null {
  if (drawn.length > trained) return 'its sampled rows must be among its events'
  if (!areWithin(drawn, leastDrawn, 0)) return 'each of its sampled rows must have drawn'
  if (!areImportances(importance)) return 'its sampled rows must have an importance each'
  return areKept(rows) ? null : 'its sampled rows must be finite'
}
