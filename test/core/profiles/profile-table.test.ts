/** The table of profiles beside a Map that keeps its order: what is there, what goes first, what is to be written. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProfileTable } from '../../../src/core/profiles/profile-table.ts'

type Step = readonly ['touch' | 'remove', string]

const entity = fc.oneof(
  fc.nat(40).map(String),
  fc.nat(200).map((n) => `customer-${n}`),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
)
const touches = fc.array(
  entity.map((name): Step => ['touch', name]),
  { maxLength: 400 },
)
const steps = fc.array(fc.tuple(fc.constantFrom('touch' as const, 'touch' as const, 'remove' as const), entity), {
  maxLength: 400,
})

/** Every entity has its own number in cell 0. */
class Both {
  readonly table: ProfileTable
  /** From the least recently seen to the most. */
  readonly model = new Map<string, number>()
  readonly evicted = new Set<string>()
  private next = 1

  constructor(limit: number) {
    this.table = new ProfileTable(limit, 2, 2)
  }

  do([what, name]: Step): void {
    const bytes = Buffer.from(name)
    if (what === 'remove') {
      this.table.remove(bytes, 0, bytes.length)
      this.model.delete(name)
      return
    }
    const slot = this.table.touch(bytes, 0, bytes.length)
    const known = this.model.get(name)
    expect(this.table.values[slot * 2]).toBe(known ?? 0)
    expect(this.table.sketches[slot * 2 + 1]).toBe(known ?? 0)
    this.evicted.delete(name)
    if (known === undefined && this.model.size === this.table.limit) {
      const [oldest] = this.model.keys()
      this.model.delete(oldest)
      this.evicted.add(oldest)
    }
    this.model.delete(name)
    this.model.set(name, known ?? this.next)
    this.table.values[slot * 2] = known ?? this.next
    this.table.values[slot * 2 + 1] = this.next
    this.table.sketches[slot * 2 + 1] = known ?? this.next
    this.next++
  }

  agree(): void {
    expect(this.table.size).toBe(this.model.size)
    for (const [name, value] of this.model) {
      const bytes = Buffer.from(name)
      const slot = this.table.find(bytes, 0, bytes.length)
      expect([name, this.table.values[slot * 2]]).toEqual([name, value])
      const start = this.table.keyStartOf(slot)
      expect(Buffer.from(this.table.keys.subarray(start, start + this.table.keyLengthOf(slot))).toString()).toBe(name)
    }
  }
}

describe('a table of profiles', () => {
  test('is a map of so many entities, of which the least recently seen goes first', () => {
    fc.assert(
      fc.property(touches, fc.integer({ min: 1, max: 120 }), (all, limit) => {
        const both = new Both(limit)
        for (const step of all) both.do(step)
        both.agree()
        expect(new Set([...both.table.evicted].map((text) => Buffer.from(text, 'latin1').toString()))).toEqual(
          both.evicted,
        )
      }),
    )
  })

  test('takes entities out, as tombstones say', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const both = new Both(1000)
        for (const step of all) both.do(step)
        both.agree()
      }),
    )
  })

  test('can be put in the order of a cell, and then gives up in that order', () => {
    const both = new Both(3)
    for (const name of ['a', 'b', 'c']) both.do(['touch', name])
    const [a, b] = ['a', 'b'].map((name) => both.table.find(Buffer.from(name), 0, 1))
    both.table.values[a * 2 + 1] = 50
    both.table.values[b * 2 + 1] = 40
    both.table.orderBy(1)
    for (const name of ['d', 'e']) both.table.touch(Buffer.from(name), 0, 1)
    expect([...both.table.evicted]).toEqual(['c', 'b'])
  })

  test('takes all that a restore brings, and then gives up what is beyond its limit, the least recently seen first', () => {
    const table = new ProfileTable(2, 1, 0)
    for (const [i, name] of ['d', 'b', 'c', 'a'].entries()) {
      table.values[table.restore(Buffer.from(name), 0, 1)] = [4, 2, 3, 1][i]
    }
    table.orderBy(0)
    expect([...table.evicted]).toEqual(['a', 'b'])
    expect(['a', 'b', 'c', 'd'].map((name) => table.find(Buffer.from(name), 0, 1) >= 0)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  test('names each entity that was changed once, however often it was, until that is settled', () => {
    const table = new ProfileTable(10, 1, 0)
    const mark = (name: string) => table.mark(table.touch(Buffer.from(name), 0, name.length))
    for (const name of ['a', 'b', 'a', 'c', 'b']) mark(name)
    expect([...table.changed.subarray(0, table.changes)]).toEqual([0, 1, 2])
    table.settle()
    expect(table.changes).toBe(0)
    mark('b')
    expect([...table.changed.subarray(0, table.changes)]).toEqual([1])
  })

  test('keeps the memory of keys bounded, however many entities come and go', () => {
    const table = new ProfileTable(64, 1, 0)
    for (let i = 0; i < 20_000; i++) {
      const key = Buffer.from(`${i}`.padStart(200, '.'))
      table.touch(key, 0, key.length)
    }
    expect(table.keys.length).toBeLessThan(4 * 64 * 200)
    expect(table.size).toBe(64)
  })
})
