/** What leads from a span to the traces of those who wrote the records that it is about. */
import type { RecordBatch } from '../stages/records.ts'
import type { Span } from './span.ts'

/** Of a transaction's worth of batches. Backends show a few dozen; the standard's own limit is 128. */
const mostLinks = 64
/**
 * Records whose headers are read to find them, spread over the batch, because neighbours are often of one trace; of the
 * others no more is read than how many headers they have.
 */
const mostRead = 256
/** A record with more headers is no tracing producer's: reading them would cost whatever the record says. */
const mostHeaders = 64
/** A traceparent has 55; a later version of the standard may give it more. */
const mostBytes = 256

/**
 * Links the span to what the records' `traceparent` headers (W3C) name, each once; every partition has its part of the
 * limits. Nothing is read for a span that nobody will see.
 */
export function linkProducers(span: Span, batches: readonly RecordBatch[]): void {
  if (!span.isRecorded || batches.length === 0) return
  const found = new Set<string>()
  for (const [i, batch] of batches.entries()) {
    // What one partition leaves of its part is the next ones'.
    const most = Math.floor((mostLinks * (i + 1)) / batches.length)
    find(batch, Math.ceil(mostRead / batches.length), most, found)
  }
  for (const traceparent of found) span.link(traceparent)
}

/** Adds to `found` (IN and OUT) until it holds `most`: of as many stretches of the batch, each the first record with headers. */
function find(batch: RecordBatch, stretches: number, most: number, found: Set<string>): void {
  const stretch = Math.ceil(batch.count / stretches)
  for (let from = 0; from < batch.count && found.size < most; from += stretch) {
    const to = Math.min(from + stretch, batch.count)
    for (let i = from; i < to; i++) {
      const headers = batch.headerCount(i)
      if (headers === 0 || headers > mostHeaders) continue
      const value = batch.headers(i).find(({ name }) => name === 'traceparent')?.value
      if (value != null && value.length <= mostBytes)
        found.add(Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1'))
      break
    }
  }
}
