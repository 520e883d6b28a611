/** The quality of a model's clusters as bytes. */
import {
  largestRatio,
  type Quality,
  type QualityRecord,
  type QualityReference,
  type QualityWatch,
} from '../quality/quality.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'

export function writeQuality(writer: AvroWriter, { record, assessed, watch }: Quality): void {
  writer.long(record.version)
  writer.long(record.trainedEvents)
  writer.int(record.rows)
  writer.double(record.effectiveRows)
  writer.orNull(record.silhouette, writeDouble)
  writer.double(record.silhouetteVariance)
  writer.orNull(record.daviesBouldin, writeDouble)
  writer.double(record.unexplained)
  writer.orNull(record.refitRatio, writeDouble)
  writer.boolean(record.refitted)
  writer.orNull(record.stability, writeDouble)
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
  writer.orNull(reference, writeReference)
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
    silhouette: reader.orNull(readDouble),
    silhouetteVariance: reader.double(),
    daviesBouldin: reader.orNull(readDouble),
    unexplained: reader.double(),
    refitRatio: reader.orNull(readDouble),
    refitted: reader.boolean(),
    stability: reader.orNull(readDouble),
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
    reference: reader.orNull(readReference),
    settledAtEvents: reader.long(),
    streak: reader.int(),
    open: reader.long(),
    usualAtEvents: reader.long(),
  }
}

function writeReference(writer: AvroWriter, reference: QualityReference): void {
  writer.long(reference.version)
  writer.double(reference.silhouette)
  writer.double(reference.least)
  writer.double(reference.unexplained)
}

function readReference(reader: AvroReader): QualityReference {
  return {
    version: reader.long(),
    silhouette: reader.double(),
    least: reader.double(),
    unexplained: reader.double(),
  }
}

function writeDouble(writer: AvroWriter, value: number): void {
  writer.double(value)
}

function readDouble(reader: AvroReader): number {
  return reader.double()
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
