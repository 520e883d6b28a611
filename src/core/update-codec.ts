/** A model update as bytes: the Avro encoding of schemas/model-update.avsc, sealed like a model. */
import { AvroWriter } from './avro-bytes.ts'
import {
  checksumBytes,
  type Decoded,
  modelFormat,
  open,
  readColumns,
  readRanges,
  readStatistics,
  sealed,
  writeRanges,
  writeStatistics,
} from './model-codec.ts'
import { rarityBins } from './rarity.ts'
import { type ColumnStatistics, emptyStatistics } from './statistics.ts'
import type { ModelUpdate } from './update.ts'

export function encodeUpdate(update: ModelUpdate): Uint8Array {
  const writer = new AvroWriter(4096)
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
    if (!isSound(clusters, i)) reader.fail()
  }
  if (count > 0 && reader.arrayBlock(1) !== 0) reader.fail()
  const binCount = reader.arrayBlock(9)
  const bins = new Int32Array(binCount)
  const counts = new Float64Array(binCount)
  for (let i = 0; i < binCount; i++) {
    bins[i] = reader.int()
    counts[i] = reader.double()
    if (bins[i] < 0 || bins[i] >= rarityBins || !isFiniteFrom0(counts[i])) reader.fail()
  }
  if (binCount > 0 && reader.arrayBlock(1) !== 0) reader.fail()
  reader.fixed(checksumBytes)
  if (!reader.complete || trained < 0) return { refused: 'damaged', detail: 'its fields do not fit its schema' }
  return { value: { bornAtMs, version, d, ranges, trained, clusterIds, clusters, bins, counts } }
}

/** No batch has other statistics, and folding such would spoil the model for good. */
function isSound({ weight, mean, m2, d }: ColumnStatistics, cluster: number): boolean {
  if (!(isFiniteFrom0(weight[cluster]) && weight[cluster] > 0)) return false
  for (let c = cluster * d; c < (cluster + 1) * d; c++) {
    if (!(Number.isFinite(mean[c]) && isFiniteFrom0(m2[c]))) return false
  }
  return true
}

function isFiniteFrom0(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY
}
