import { describe, expect, test } from 'vitest'
import { Insight } from '../../src/runtime/insight/insight.ts'
import { PartitionBook } from '../../src/runtime/insight/partition-book.ts'
import type { Clock } from '../../src/runtime/ports.ts'

const clock = { now: () => 0, date: () => 0 } as Clock
const place = (partition: number, position: number, end: number) => ({ partition, position, end, lagMs: 0 })

describe('the book of partitions', () => {
  test('says how fast the group reads and producers write between two looks', () => {
    const book = new PartitionBook()
    book.seen([place(0, 100, 200), place(1, 0, 0)], 1000)
    expect(book.all()[0]).toMatchObject({ lagEvents: 100, readPerSecond: 0, writtenPerSecond: 0 })
    book.seen([place(0, 150, 400), place(1, 0, 0)], 3000)
    expect(book.all()[0]).toMatchObject({ lagEvents: 250, readPerSecond: 25, writtenPerSecond: 100 })
    expect(book.all()[1]).toMatchObject({ lagEvents: 0, readPerSecond: 0, stoodMs: 2000 })
  })

  test('forgets what it cannot see any more', () => {
    const book = new PartitionBook()
    book.seen([place(0, 1, 2)], 1000)
    book.unknown()
    expect(book.all()).toEqual([])
    book.seen([place(0, 5, 6)], 9000)
    expect(book.all()[0]).toMatchObject({ readPerSecond: 0, stoodMs: 0 })
  })
})

describe('a process', () => {
  const insightOf = (positions: readonly number[]) => {
    const insight = new Insight({ current: () => null }, clock)
    const ended = new AbortController()
    insight.works({ positions: new Map(positions.map((partition) => [partition, 0])), ended: ended.signal })
    return { insight, ended }
  }

  test('stands still when a partition of its own has unread events and has not moved for five minutes', () => {
    const { insight, ended } = insightOf([0])
    insight.partitions.seen([place(0, 7, 9)], 0)
    insight.partitions.seen([place(0, 7, 9)], 300_000)
    expect(insight.stalled()).toBeNull()
    insight.partitions.seen([place(0, 7, 12)], 301_000)
    expect(insight.stalled()).toContain(': 0 do not')
    insight.partitions.seen([place(0, 8, 12)], 302_000)
    expect(insight.stalled()).toBeNull()
    insight.partitions.seen([place(0, 8, 12)], 900_000)
    ended.abort()
    expect(insight.stalled()).toBeNull()
  })

  test('does not, when there is nothing to read, or the partition is another’s', () => {
    const { insight } = insightOf([0])
    insight.partitions.seen([place(0, 9, 9), place(1, 0, 50)], 0)
    insight.partitions.seen([place(0, 9, 9), place(1, 0, 50)], 900_000)
    expect(insight.stalled()).toBeNull()
  })
})
