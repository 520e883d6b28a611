import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attribute, batchHeaderBytes, field, lengthOverhead } from '../../../src/adapters/kafka/record-format.ts'
import { batchOf, type PlainRecord, parsed } from './records.ts'

/** A marker as the coordinator has the broker write it: key is version and type, the value is of no concern here. */
function marker(base: number, producerId: bigint, type: 'abort' | 'commit'): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  const batch = batchOf([{ key, value: Buffer.alloc(6) }], { base, producerId, transactional: true })
  batch[field.attributes + 1] |= attribute.control
  batch.writeUInt32BE(crc32c(batch.subarray(field.attributes)), field.crc)
  return batch
}

const data = (base: number, producerId: bigint, count = 1, key: Buffer | null = null) =>
  batchOf(
    Array.from({ length: count }, (_, i) => ({ key, value: Buffer.from(`${base + i}`) })),
    { base, producerId, transactional: true },
  )

const offsets = (log: readonly Buffer[], aborted: { producerId: bigint; firstOffset: number }[], from = 0) =>
  parsed(Buffer.concat(log), from, aborted).records.map(({ offset }) => offset)

describe('a reader of committed records', () => {
  test('leaves out a long aborted transaction and keeps the short ones that lie within it', () => {
    const log = [
      data(0, 1n),
      data(1, 2n),
      marker(2, 2n, 'commit'),
      data(3, 1n),
      marker(4, 1n, 'abort'),
      data(5, 1n),
      marker(6, 1n, 'commit'),
    ]
    expect(offsets(log, [{ producerId: 1n, firstOffset: 0 }])).toEqual([1, 5])
  })

  test('takes aborted transactions in the order of their first offsets, in whichever order they are told', () => {
    const log = [
      data(0, 1n),
      data(1, 2n),
      marker(2, 2n, 'abort'),
      marker(3, 1n, 'abort'),
      data(4, 2n),
      marker(5, 2n, 'commit'),
    ]
    const told = [
      { producerId: 2n, firstOffset: 1 },
      { producerId: 1n, firstOffset: 0 },
    ]
    expect(offsets(log, told)).toEqual([4])
    expect(offsets(log, told.toReversed())).toEqual([4])
  })

  test('begins a range with the batch whose last offset reaches it: compaction may have taken the first record', () => {
    const log = [data(10, 1n, 5), marker(15, 1n, 'abort')]
    expect(offsets(log, [{ producerId: 1n, firstOffset: 13 }], 10)).toEqual([])
  })

  test('is not deceived by a record whose key looks like a marker', () => {
    const zeros = Buffer.alloc(4)
    const log = [data(0, 1n, 1, zeros), data(1, 1n, 1, zeros), marker(2, 1n, 'abort'), data(3, 1n, 1, zeros)]
    expect(offsets(log, [{ producerId: 1n, firstOffset: 0 }])).toEqual([3])
    expect(offsets([data(0, 1n, 1, zeros)], [])).toEqual([0])
  })

  test('passes over a batch of markers that compaction has left without any', () => {
    // Nothing of the aborted transaction is left either, or its marker would be.
    const emptied = marker(1, 1n, 'abort').subarray(0, batchHeaderBytes)
    emptied.writeInt32BE(batchHeaderBytes - lengthOverhead, field.length)
    emptied.writeInt32BE(0, field.count)
    emptied.writeUInt32BE(crc32c(emptied.subarray(field.attributes)), field.crc)
    const log = [emptied, data(2, 2n), marker(3, 2n, 'abort'), data(4, 2n)]
    expect(offsets(log, [{ producerId: 2n, firstOffset: 2 }])).toEqual([4])
  })

  test('keeps what a producer without transactions wrote, wherever it lies', () => {
    const plain = batchOf([{ value: Buffer.from('plain') }], { base: 1 })
    expect(offsets([data(0, 1n), plain, marker(2, 1n, 'abort')], [{ producerId: 1n, firstOffset: 0 }])).toEqual([1])
  })

  test('moves its position past markers and aborted records', () => {
    const log = Buffer.concat([data(0, 1n, 3), marker(3, 1n, 'abort')])
    expect(parsed(log, 0, [{ producerId: 1n, firstOffset: 0 }])).toEqual({ records: [], nextOffset: 4 })
  })

  test('reads the same, wherever its fetches begin and end', () => {
    const step = fc.record({
      producer: fc.integer({ min: 1, max: 4 }),
      act: fc.constantFrom('write', 'write', 'write', 'commit', 'abort'),
    })
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(59), { maxLength: 4 }),
        (steps, cuts) => {
          const { log, aborted, visible } = history(steps)
          const ends = [...new Set([...cuts, log.length])].filter((cut) => cut <= log.length).sort((a, b) => a - b)
          let from = 0
          const read = ends.flatMap((end) => {
            const start = log.findIndex(({ base, count }) => base + count > from)
            const part = Buffer.concat(log.slice(start < 0 ? log.length : start, end).map(({ batch }) => batch))
            // As the broker answers: every aborted transaction that overlaps what is asked for.
            const told = aborted.filter(({ end: last }) => last >= from)
            const { records, nextOffset } = parsed(part, from, told)
            from = nextOffset
            return records.map(({ offset }) => offset)
          })
          expect(read).toEqual(visible)
        },
      ),
      { numRuns: 300 },
    )
  })
})

/** Plays the steps of interleaved transactions; the ones still open at the end are aborted. */
function history(steps: readonly { readonly producer: number; readonly act: string }[]) {
  const log: { base: number; count: number; batch: Buffer }[] = []
  const open = new Map<number, number[]>()
  const aborted: { producerId: bigint; firstOffset: number; end: number }[] = []
  const visible: number[] = []
  let next = 0
  const end = (producer: number, act: 'commit' | 'abort') => {
    const written = open.get(producer)
    if (written === undefined) return
    open.delete(producer)
    if (act === 'commit') visible.push(...written)
    else aborted.push({ producerId: BigInt(producer), firstOffset: written[0], end: next })
    log.push({ base: next, count: 1, batch: marker(next, BigInt(producer), act) })
    next++
  }
  for (const { producer, act } of steps) {
    if (act !== 'write') {
      end(producer, act as 'commit' | 'abort')
      continue
    }
    const count = 1 + (next % 3)
    log.push({ base: next, count, batch: data(next, BigInt(producer), count) })
    open.set(producer, [...(open.get(producer) ?? []), ...Array.from({ length: count }, (_, i) => next + i)])
    next += count
  }
  for (const producer of [...open.keys()]) end(producer, 'abort')
  return { log, aborted, visible: visible.sort((a, b) => a - b) }
}

describe('a partition that librdkafka wrote with every codec', () => {
  type Shown = [offset: number, timestamp: number, key: string | null, value: string, headers: [string, string][]]
  const golden: {
    log: string
    aborted: { producerId: number; firstOffset: number; lastOffset: number }[]
    visible: Shown[]
  } = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/kafka/interleaved.json'), 'utf8'))
  const log = Buffer.from(golden.log, 'base64')
  const shown = ({ offset, timestamp, key, value, headers }: PlainRecord): Shown => [
    offset,
    timestamp,
    key?.toString('base64') ?? null,
    value?.toString() ?? 'null',
    headers.map((h) => [h.name, Buffer.from(h.value ?? []).toString()]),
  ]
  /** As a broker tells them for a fetch from `from` on. */
  const abortedFrom = (from: number) =>
    golden.aborted
      .filter(({ lastOffset }) => lastOffset >= from)
      .map(({ producerId, firstOffset }) => ({ producerId: BigInt(producerId), firstOffset }))
  const batchEnd = (at: number) => at + 12 + log.readInt32BE(at + 8)

  test('is read as librdkafka reads it', () => {
    expect(golden.aborted.length).toBeGreaterThan(10)
    expect(parsed(log, 0, abortedFrom(0)).records.map(shown)).toEqual(golden.visible)
  })

  test.each([1, 700, 5_000])('is read so in fetches of about %i bytes, wherever they begin', (size) => {
    const read: Shown[] = []
    let from = 0
    for (let at = 0; at < log.length; ) {
      let end = batchEnd(at)
      while (end < log.length && end - at < size) end = batchEnd(end)
      // The broker cuts its answer where it is full, in the middle of a batch.
      const { records, nextOffset } = parsed(log.subarray(at, Math.min(log.length, end + 40)), from, abortedFrom(from))
      read.push(...records.map(shown))
      from = nextOffset
      at = end
    }
    expect(read).toEqual(golden.visible)
  })
})
