/** The usual places as a model and an update have them in their Avro records. */

import { emptyStatistics } from '../model/statistics.ts'
import type { Usual, UsualUpdate } from '../score/usual.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'
import { readStatistics, writeStatistics } from './statistics-codec.ts'

export function writeUsual(writer: AvroWriter, { sinceVersion, places }: Usual): void {
  writer.long(sinceVersion)
  writer.arrayBegin(places.k)
  for (let j = 0; j < places.k; j++) writeStatistics(writer, places, j)
  writer.arrayEnd()
}

/** Reads as many places as the model has clusters, or the reader fails. */
export function readUsual(reader: AvroReader, k: number, d: number): Usual {
  const sinceVersion = reader.long()
  const places = emptyStatistics(k, d)
  if (reader.arrayBlock(10 + 16 * d) !== k) reader.fail()
  for (let j = 0; j < k && !reader.failed; j++) readStatistics(reader, places, j)
  if (reader.arrayBlock(1) !== 0) reader.fail()
  return { sinceVersion, places }
}

export function writeUsualUpdate(writer: AvroWriter, { sinceVersion, index, statistics }: UsualUpdate): void {
  writer.long(sinceVersion)
  writer.arrayBegin(index.length)
  for (let i = 0; i < index.length; i++) {
    writer.int(index[i])
    writeStatistics(writer, statistics, i)
  }
  writer.arrayEnd()
}

export function readUsualUpdate(reader: AvroReader, d: number): UsualUpdate {
  const sinceVersion = reader.long()
  const count = reader.arrayBlock(11 + 16 * d)
  const index = new Int32Array(count)
  const statistics = emptyStatistics(count, d)
  for (let i = 0; i < count && !reader.failed; i++) {
    index[i] = reader.int()
    readStatistics(reader, statistics, i)
  }
  if (count > 0 && reader.arrayBlock(1) !== 0) reader.fail()
  return { sinceVersion, index, statistics }
}
