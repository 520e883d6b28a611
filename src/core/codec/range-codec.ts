/** Ranges of input offsets as the Avro records have them. */

import type { OffsetRange } from '../model/model.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'

export function writeRanges(writer: AvroWriter, ranges: readonly OffsetRange[]): void {
  writer.array(ranges, writeRange)
}

export function readRanges(reader: AvroReader): OffsetRange[] {
  return reader.array(3, readRange)
}

function writeRange(writer: AvroWriter, { partition, from, to }: OffsetRange): void {
  writer.int(partition)
  writer.long(from)
  writer.long(to)
}

function readRange(reader: AvroReader): OffsetRange {
  return { partition: reader.int(), from: reader.long(), to: reader.long() }
}
