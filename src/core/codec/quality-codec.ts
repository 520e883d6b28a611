/** The quality of a model's clusters as bytes. */
import {
  largestRatio,
  type Quality,
  type QualityRecord,
  type QualityReference,
  type QualityWatch,
} from '../quality/quality.ts'
import type { AvroReader, AvroWriter } from './avro-bytes.ts'

export function writeQuality(writer: AvroWriter, { record, assessed, watch }: Quality): void {
  writer.long(record.version)
  writer.long(record.trainedEvents)
  writer.int(record.rows)
  writer.double(record.effectiveRows)
  writeOrNull(writer, record.silhouette)
  writer.double(record.silhouetteVariance)
  writeOrNull(writer, record.daviesBouldin)
  writer.double(record.unexplained)
  writeOrNull(writer, record.refitRatio)
  writer.boolean(record.refitted)
  writeOrNull(writer, record.stability)
  writer.long(record.comparedVersion ?? 0)
  writer.double(record.smallest)
  writer.double(record.median)
  writer.double(record.largest)
  writer.double(record.effective)
  writer.int(record.empty)
  writer.int(record.starved)
  writer.floats(assessed)
  writeWatch(writer, watch)
}

function writeWatch(writer: AvroWriter, { reference, settledAtEvents, streak, open, usualAtEvents }: QualityWatch) {
  writer.union(reference === null ? 0 : 1)
  if (reference !== null) {
    writer.long(reference.version)
    writer.double(reference.silhouette)
    writer.double(reference.least)
    writer.double(reference.unexplained)
  }
  writer.long(settledAtEvents)
  writer.int(streak)
  writer.long(open)
  writer.long(usualAtEvents)
}

/** Reads what `writeQuality` wrote. */
export function readQuality(reader: AvroReader): Quality {
  const record: QualityRecord = {
    version: reader.long(),
    trainedEvents: reader.long(),
    rows: reader.int(),
    effectiveRows: reader.double(),
    silhouette: readOrNull(reader),
    silhouetteVariance: reader.double(),
    daviesBouldin: readOrNull(reader),
    unexplained: reader.double(),
    refitRatio: readOrNull(reader),
    refitted: reader.boolean(),
    stability: readOrNull(reader),
    comparedVersion: reader.long() || null,
    smallest: reader.double(),
    median: reader.double(),
    largest: reader.double(),
    effective: reader.double(),
    empty: reader.int(),
    starved: reader.int(),
  }
  return { record, assessed: reader.floats(), watch: readWatch(reader) }
}

function readWatch(reader: AvroReader): QualityWatch {
  return {
    reference: reader.union(2) === 0 ? null : readReference(reader),
    settledAtEvents: reader.long(),
    streak: reader.int(),
    open: reader.long(),
    usualAtEvents: reader.long(),
  }
}

function readReference(reader: AvroReader): QualityReference {
  return {
    version: reader.long(),
    silhouette: reader.double(),
    least: reader.double(),
    unexplained: reader.double(),
  }
}

function writeOrNull(writer: AvroWriter, value: number | null): void {
  writer.union(value === null ? 0 : 1)
  if (value !== null) writer.double(value)
}

function readOrNull(reader: AvroReader): number | null {
  return reader.union(2) === 0 ? null : reader.double()
}

/** What no assessment gives, or null; of k clusters of d columns. */
export function problemOfQuality({ record, assessed, watch }: Quality, k: number, d: number): string | null {
  const { version, trainedEvents, rows, effectiveRows, empty, starved } = record
  const counts = [version, trainedEvents, rows, effectiveRows, record.comparedVersion ?? 0, empty, starved]
  if (!counts.every((count) => count >= 0)) return 'what was assessed of its quality must be counts'
  if (!(effectiveRows <= rows && empty + starved <= k && record.effective >= 0 && record.effective <= 2 * k)) {
    return 'its quality must be that of its rows and clusters'
  }
  const { smallest, median, largest } = record
  const shares = [smallest, median, largest, record.silhouetteVariance]
  if (!shares.every((share) => share >= 0 && share <= 2)) return 'the shares of its quality must be some'
  const ofBoth = [record.silhouette, record.stability]
  if (!ofBoth.every((index) => index === null || Math.abs(index) <= 2)) return 'its silhouette must be one'
  const ratios = [record.daviesBouldin ?? 0, record.unexplained, record.refitRatio ?? 0]
  if (!ratios.every((ratio) => ratio >= 0 && ratio <= largestRatio)) return 'the ratios of its quality must be from 0'
  if (assessed.length !== 0 && assessed.length !== k * d) return 'its assessed clusters must be as many as it has'
  if (!assessed.every(Number.isFinite)) return 'its assessed clusters must be finite'
  const { reference, settledAtEvents, streak, open, usualAtEvents } = watch
  const ofWatch = [settledAtEvents, streak, open, usualAtEvents, reference?.version ?? 0]
  if (!ofWatch.every((count) => count >= 0)) return 'what its quality is watched by must be counts'
  if (open > 0 && reference === null) return 'a fall of its quality must be from something'
  const { silhouette, least, unexplained } = reference ?? { silhouette: 0, least: 0, unexplained: 0 }
  return [silhouette, least, unexplained].every(Number.isFinite) ? null : 'its quality before must be finite'
}
