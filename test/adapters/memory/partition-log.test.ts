import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PartitionLog } from '../../../src/adapters/memory/partition-log.ts'
import { RecordColumns } from '../../../src/adapters/memory/record-columns.ts'
import { valueAt as bytesOf, keyAt } from '../../../src/stages/records.ts'

interface Stored {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

function columnsOf(records: readonly (readonly [key: string | null, value: string | null])[]): RecordColumns {
  const columns = new RecordColumns()
  for (const [key, value] of records) {
    columns.append(key === null ? null : Buffer.from(key), value === null ? null : Buffer.from(value), 1)
  }
  return columns
}

/** Everything readable from `from` on, and where reading ends. */
function readFrom(log: PartitionLog, from: number, maxEvents = 1e9, maxBytes = 1e9) {
  const records: Stored[] = []
  let next = from
  for (;;) {
    const batch = log.read(next, maxEvents, maxBytes, true)
    if (batch === null) return { records, next }
    for (let i = 0; i < batch.count; i++) {
      const [key, value] = [keyAt(batch, i)?.toString() ?? null, bytesOf(batch, i)?.toString() ?? null]
      records.push({ offset: batch.offset[i], key, value })
    }
    next = batch.nextOffset
  }
}

/** Scripts of up to three producers that write, with transactions that end either way or never. */
const scripts = fc.array(
  fc.record({
    producer: fc.nat(3),
    act: fc.constantFrom('write', 'write', 'commit', 'abort'),
    sizes: fc.array(fc.nat(300), { minLength: 1, maxLength: 30 }),
  }),
  { maxLength: 40 },
)

/** Plays a script on a log and on a list, producer 0 without transactions. */
function play(log: PartitionLog, script: typeof scripts extends fc.Arbitrary<infer T> ? T : never) {
  const written: { offset: number; value: string; of: object | null }[] = []
  const fate = new Map<object, 'commit' | 'abort'>()
  const open = new Map<number, { transaction: object; ranges: { from: number; to: number }[]; first: number }>()
  let end = 0
  for (const { producer, act, sizes } of script) {
    const present = open.get(producer)
    if (act === 'write') {
      const values = sizes.map((size, i) => `${end + i}:`.padEnd(size, 'x'))
      const columns = columnsOf(values.map((value) => [null, value]))
      const entry = present ?? { transaction: {}, ranges: [], first: end }
      values.forEach((value, i) => {
        written.push({ offset: end + i, value, of: producer === 0 ? null : entry.transaction })
      })
      if (producer === 0) log.append(columns)
      else {
        open.set(producer, entry)
        entry.ranges.push(log.appendOpen(entry.transaction, columns))
      }
      end += values.length
    } else if (present !== undefined) {
      log.endTransaction(present.transaction, present.ranges, act)
      fate.set(present.transaction, act)
      open.delete(producer)
      end++
    }
  }
  const stable = Math.min(end, ...[...open.values()].map(({ first }) => first))
  const visible = written.filter(({ offset, of }) => offset < stable && (of === null || fate.get(of) === 'commit'))
  return { visible: visible.map(({ offset, value }) => ({ offset, value })), stable, end }
}

describe('a partition in memory', () => {
  test('gives a reader exactly the committed records below the last stable offset, however it reads', () => {
    fc.assert(
      fc.property(scripts, fc.integer({ min: 1, max: 50 }), fc.nat(2000), (script, maxEvents, maxBytes) => {
        const log = new PartitionLog('t', 0, { cleanup: 'delete', retainBytes: 1e9 })
        const { visible, stable, end } = play(log, script)
        expect([log.stableEnd, log.end]).toEqual([stable, end])
        const { records, next } = readFrom(log, 0, maxEvents, maxBytes)
        expect(records.map(({ offset, value }) => ({ offset, value }))).toEqual(visible)
        expect(next).toBe(stable)
      }),
    )
  })

  test('can be read from any offset', () => {
    fc.assert(
      fc.property(scripts, fc.nat(1000), (script, from) => {
        const log = new PartitionLog('t', 0, { cleanup: 'delete', retainBytes: 1e9 })
        const { visible } = play(log, script)
        const expected = visible.filter(({ offset }) => offset >= from).map(({ offset }) => offset)
        expect(readFrom(log, from).records.map(({ offset }) => offset)).toEqual(expected)
      }),
    )
  })

  test('keeps about retainBytes: the newest records, from its start on', () => {
    const log = new PartitionLog('t', 0, { cleanup: 'delete', retainBytes: 100_000 })
    for (let i = 0; i < 10_000; i++) log.append(columnsOf([[null, `${i}:`.padEnd(68, 'x')]]))
    expect(log.storedBytes).toBeGreaterThanOrEqual(100_000)
    expect(log.storedBytes).toBeLessThan(130_000)
    const { records } = readFrom(log, log.start)
    expect(records[0].offset).toBe(log.start)
    expect(records.length).toBe(10_000 - log.start)
    expect(records.at(-1)!.offset).toBe(9_999)
  })

  test('keeps about retainBytes also of what comes at once', () => {
    const log = new PartitionLog('t', 0, { cleanup: 'delete', retainBytes: 100_000 })
    log.append(columnsOf(Array.from({ length: 10_000 }, () => [null, 'x'.repeat(68)])))
    expect(log.storedBytes).toBeGreaterThanOrEqual(100_000)
    expect(log.storedBytes).toBeLessThan(130_000)
    expect(readFrom(log, log.start).records).toHaveLength(10_000 - log.start)
  })

  test('drops no record that is undecided', () => {
    const log = new PartitionLog('t', 0, { cleanup: 'delete', retainBytes: 10_000 })
    const transaction = {}
    const range = log.appendOpen(transaction, columnsOf([[null, 'undecided']]))
    for (let i = 0; i < 1000; i++) log.append(columnsOf([[null, 'x'.repeat(68)]]))
    expect(log.start).toBe(0)
    log.endTransaction(transaction, [range], 'commit')
    expect(log.start).toBeGreaterThan(0)
    expect(log.storedBytes).toBeLessThan(13_000)
  })

  test('holds a million small records in their bytes and 32 more each', () => {
    const log = new PartitionLog('t', 0, { cleanup: 'delete', retainBytes: 1e9 })
    const records = columnsOf(Array.from({ length: 10_000 }, () => [null, 'x'.repeat(20)]))
    for (let i = 0; i < 100; i++) log.append(records)
    expect(log.storedBytes).toBe(1_000_000 * 52)
  })
})

describe('a compact partition in memory', () => {
  const filler = 'x'.repeat(2000)

  test('keeps the newest value of each key at its offset, and its size bounded', () => {
    const log = new PartitionLog('t', 0, { cleanup: 'compact', retainBytes: 1 })
    for (let i = 0; i < 5000; i++) log.append(columnsOf([[`k${i % 7}`, `${i} ${filler}`]]))
    expect(log.storedBytes).toBeLessThan(400_000)
    const { records } = readFrom(log, 0)
    const newest = new Map(records.map(({ key, offset }) => [key, offset]))
    expect(newest).toEqual(new Map([0, 1, 2, 3, 4, 5, 6].map((k) => [`k${k}`, 4999 - ((4999 - k) % 7)])))
    expect(records.map(({ offset }) => offset)).toEqual([...records.map(({ offset }) => offset)].sort((a, b) => a - b))
    expect(records.at(-1)!.offset).toBe(4999)
  })

  test('forgets a key whose tombstone was read for a while, and aborted records', () => {
    const log = new PartitionLog('t', 0, { cleanup: 'compact', retainBytes: 1 })
    const aborted = {}
    log.append(
      columnsOf([
        ['gone', 'here'],
        ['stays', 'here'],
      ]),
    )
    log.append(columnsOf([['gone', null]]))
    const range = log.appendOpen(
      aborted,
      columnsOf([
        ['stays', 'aborted'],
        ['never', 'aborted'],
      ]),
    )
    log.endTransaction(aborted, [range], 'abort')
    const churn = () => {
      for (let i = 0; i < 200; i++) log.append(columnsOf([['churn', filler]]))
    }
    churn()
    expect(readFrom(log, 0).records.slice(0, 2)).toEqual([
      { offset: 1, key: 'stays', value: 'here' },
      { offset: 2, key: 'gone', value: null },
    ])
    churn()
    const { records } = readFrom(log, 0)
    expect(new Set(records.map(({ key }) => key))).toEqual(new Set(['stays', 'churn']))
  })

  test('leaves undecided records alone', () => {
    const log = new PartitionLog('t', 0, { cleanup: 'compact', retainBytes: 1 })
    log.append(columnsOf([['k', 'old']]))
    const transaction = {}
    const range = log.appendOpen(transaction, columnsOf([['k', 'new']]))
    for (let i = 0; i < 300; i++) log.append(columnsOf([['churn', filler]]))
    expect(readFrom(log, 0).records).toEqual([{ offset: 0, key: 'k', value: 'old' }])
    log.endTransaction(transaction, [range], 'commit')
    for (let i = 0; i < 300; i++) log.append(columnsOf([['churn', filler]]))
    const { records } = readFrom(log, 0)
    expect(records.filter(({ key }) => key === 'k').at(-1)).toEqual({ offset: 1, key: 'k', value: 'new' })
    expect(records.length).toBeLessThan(400)
  })
})
