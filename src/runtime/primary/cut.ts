/** The first part of a batch. */

import type { RecordBatch } from '../../stages/records.ts'
import { countBefore } from '../batches.ts'

/** Its records before `end`, as a batch that ends there; it has the memory of the whole one, and lets go of it as that does. */
export function cutAt(batch: RecordBatch, end: number): RecordBatch {
  const { partition, fromOffset, bytes, view, offset, timestamp } = batch
  const { keyStart, keyLength, valueStart, valueLength } = batch
  return {
    ...{ partition, fromOffset, bytes, view, keyStart, keyLength, valueStart, valueLength, offset, timestamp },
    count: countBefore(batch, end),
    nextOffset: end,
    headers: (index) => batch.headers(index),
    headerCount: (index) => batch.headerCount(index),
    release: () => batch.release(),
  }
}
