/** Ranges of input offsets as the Avro records have them. */

import type { OffsetRange } from '../model/model.ts'
import type { AvroReader, AvroWriter } from './avro-bytes.ts'

export function writeRanges(writer: AvroWriter, ranges: readonly OffsetRange[]): void {
  writer.arrayBegin(ranges.length)
  for (const { partition, from, to } of ranges) {
    writer.int(partition)
    writer.long(from)
    writer.long(to)
  }
  writer.arrayEnd()
}

export function readRanges(reader: AvroReader): OffsetRange[] {
  const ranges: OffsetRange[] = []
  for (let n = reader.arrayBlock(3); n > 0; n = reader.arrayBlock(3)) {
    for (let i = 0; i < n; i++) ranges.push({ partition: reader.int(), from: reader.long(), to: reader.long() })
  }
  return ranges
}
