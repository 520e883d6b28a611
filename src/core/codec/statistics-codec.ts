/** Statistics of one cluster as the Avro records have them: weight, mean and m2. */

import type { ColumnStatistics } from '../model/statistics.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'

export function writeStatistics(writer: AvroWriter, { weight, mean, m2, d }: ColumnStatistics, cluster: number): void {
  writer.double(weight[cluster])
  writer.doubles(mean.subarray(cluster * d, (cluster + 1) * d))
  writer.doubles(m2.subarray(cluster * d, (cluster + 1) * d))
}

/** Reads one cluster into its place (OUT). */
export function readStatistics(reader: AvroReader, { weight, mean, m2, d }: ColumnStatistics, cluster: number): void {
  weight[cluster] = reader.double()
  mean.set(reader.doubles(d), cluster * d)
  m2.set(reader.doubles(d), cluster * d)
}
