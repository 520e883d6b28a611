import { expect, test } from 'vitest'
import { RecordColumns } from '../../src/adapters/memory/record-columns.ts'
import { linkProducers } from '../../src/runtime/producer-links.ts'
import { noSpan, type Span } from '../../src/runtime/span.ts'
import type { Header, RecordBatch } from '../../src/stages/records.ts'

const traceparent = (n: number) => `00-${String(n).padStart(32, '0')}-00f067aa0ba902b7-01`
const header = (name: string, value: string | null): Header => ({
  name,
  value: value === null ? null : Buffer.from(value),
})

/** One record each, with these headers. */
function batchOf(partition: number, records: readonly (readonly Header[])[]): RecordBatch {
  const columns = new RecordColumns()
  for (const headers of records) columns.append(null, Buffer.from('{}'), 0, headers)
  return columns.slice(partition, 0, records.length, 0, records.length)
}

function linksOf(...batches: readonly RecordBatch[]): readonly string[] {
  const links: string[] = []
  const span: Span = { ...noSpan, isRecorded: true, link: (found) => void links.push(found) }
  linkProducers(span, batches)
  return links
}
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => [header('traceparent', traceparent(from + i + 1))])

test('a span is linked to what the records name, each once, whatever else is in their headers', () => {
  const [a, b] = [traceparent(1), traceparent(2)]
  const records = [
    [],
    [header('x', 'y'), header('traceparent', a)],
    [header('traceparent', null)],
    [header('traceparent', `${a}-${'x'.repeat(1000)}`)],
    [header('TRACEPARENT', traceparent(9))],
    [header('traceparent', a)],
    [header('traceparent', b), header('tracestate', 'c=d')],
  ]
  expect(linksOf(batchOf(0, records))).toEqual([a, b])
})

test('it has no more than 64 links, and every partition has its part of them', () => {
  const links = linksOf(batchOf(0, many(100)), batchOf(1, many(100, 100)))
  expect(links).toHaveLength(64)
  expect(links[31]).toBe(traceparent(32))
  expect(links[32]).toBe(traceparent(101))
})

test('what a partition leaves of its part is the next one’s', () => {
  expect(linksOf(batchOf(0, many(2)), batchOf(1, many(100, 100)))).toHaveLength(64)
})

test('a record with more headers than a tracing producer writes is not read', () => {
  const hostile = [...Array.from({ length: 64 }, () => header('x', 'y')), header('traceparent', traceparent(1))]
  expect(linksOf(batchOf(0, [hostile]))).toEqual([])
})

test('a producer of a thousand neighbours does not hide the next, nor those without headers the one that has', () => {
  const runs = [1, 2, 3].flatMap((n) => Array.from({ length: 1000 }, () => [header('traceparent', traceparent(n))]))
  expect(linksOf(batchOf(0, runs))).toEqual([1, 2, 3].map(traceparent))
  const bare = Array.from({ length: 2999 }, () => [])
  expect(linksOf(batchOf(0, [...bare, ...many(1)]))).toEqual([traceparent(1)])
})

test('of the headers no more than those of 256 records are read', () => {
  const batch = batchOf(
    0,
    Array.from({ length: 1000 }, () => [header('x', 'y')]),
  )
  const read: number[] = []
  const headers = (index: number) => {
    read.push(index)
    return batch.headers(index)
  }
  expect(linksOf({ ...batch, headers })).toEqual([])
  expect(read.length).toBeGreaterThan(128)
  expect(read.length).toBeLessThanOrEqual(256)
})

test('nothing is read for a span that nobody will see', () => {
  const refuse = () => {
    throw new Error('read')
  }
  linkProducers(noSpan, [{ ...batchOf(0, many(3)), headers: refuse, headerCount: refuse }])
})
