/** Every single thing that is done to the audit is found, but for what nobody has read. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeAudit, encodeAudit, statedHash } from '../../../src/runtime/audit/audit-codec.ts'
import { entryOf } from '../../../src/runtime/audit/audit-record.ts'
import { Chain } from '../../../src/runtime/audit/chain.ts'
import { Verification, type VerificationReport } from '../../../src/runtime/audit/verification.ts'
import { anyEntry, anyHistory, historyOf, recordOf, type Written } from './audit-history.ts'

function verified(records: readonly Written[], start = 0, head: Written | null = null): VerificationReport {
  const verification = new Verification(start)
  for (const { offset, bytes } of records) verification.add(offset, bytes)
  return verification.report(head === null ? null : { offset: head.offset, hash: statedHash(head.bytes)! })
}

const found = (records: readonly Written[], start = 0) => verified(records, start).findings.map(({ offset }) => offset)

/** Whether a record that is still there names this one: as the one before it, or as one that its writer had read. */
function isNamed(at: number, history: readonly Written[], except: readonly number[] = []): boolean {
  const { writer, sequence } = recordOf(history[at])
  return history.some((one, i) => {
    if (i <= at || except.includes(i)) return false
    const other = recordOf(one)
    return (
      (other.writer === writer && other.sequence === sequence + 1) ||
      other.seen.some(({ offset }) => offset === history[at].offset)
    )
  })
}

/** Whether a record says where this one stands: who could not read the topic names what he wrote before by its hash alone. */
function isPlaced(at: number, history: readonly Written[]): boolean {
  const { offset } = history[at]
  return history.some((one) => {
    const { previousOffset, seen } = recordOf(one)
    return previousOffset === offset || seen.some((of) => of.offset === offset)
  })
}

const withPlace = anyHistory.chain((history) => fc.tuple(fc.constant(history), fc.nat(history.length - 1)))
const withPlaces = anyHistory.chain((history) =>
  fc.tuple(fc.constant(history), fc.nat(history.length - 1), fc.nat(history.length - 1)),
)

describe('the audit of many writers', () => {
  test('is sound as they wrote it, and with records that came twice', () => {
    fc.assert(
      fc.property(withPlace, ([history, at]) => {
        const report = verified(history)
        expect(report).toMatchObject({ findings: [], more: 0, records: history.length })
        expect(report.head?.offset).toBe(history.at(-1)?.offset)
        const last = history[history.length - 1]
        expect(found([...history, { ...last, offset: last.offset + 1 }])).toEqual([])
        expect(at).toBeLessThan(history.length)
      }),
    )
  })

  test('is sound when its oldest records have been deleted by their age', () => {
    fc.assert(
      fc.property(withPlace, ([history, at]) => {
        const { offset } = history[at]
        expect(found(history.slice(at), offset)).toEqual([])
        expect(found(history.slice(at + 1), offset + 1)).toEqual([])
      }),
    )
  })

  test('shows a record of which any byte was changed', () => {
    fc.assert(
      fc.property(withPlace, fc.nat(), fc.integer({ min: 1, max: 255 }), ([history, at], where, change) => {
        const bytes = Uint8Array.from(history[at].bytes)
        bytes[where % bytes.length] ^= change
        const changed = history.with(at, { ...history[at], bytes })
        expect(found(changed)).toContain(history[at].offset)
      }),
    )
  })

  test('shows a record that was changed and got a new hash, unless it is the newest of its writer and nobody has read it', () => {
    fc.assert(
      fc.property(withPlace, anyEntry, ([history, at], entry) => {
        const { bytes } = encodeAudit({ ...recordOf(history[at]), ...entry, by: 'somebody else' })
        const changed = history.with(at, { ...history[at], bytes })
        expect(found(changed)).toEqual(isNamed(at, history) ? [history[at].offset] : [])
      }),
    )
  })

  test('shows a record that was removed, unless it is the newest of its writer and nobody has read it', () => {
    fc.assert(
      fc.property(withPlace, ([history, at]) => {
        const rest = history.toSpliced(at, 1)
        expect(found(rest).length > 0).toBe(isNamed(at, history))
        const places = found(rest).filter((offset) => offset !== null)
        expect(places.every((offset) => offset === history[at].offset)).toBe(true)
      }),
    )
  })

  test('shows two records that changed places, unless nobody knew where they stood', () => {
    fc.assert(
      fc.property(withPlaces, ([history, i, j]) => {
        const [a, b] = [Math.min(i, j), Math.max(i, j)]
        fc.pre(a < b)
        const moved = history
          .with(a, { offset: history[a].offset, bytes: history[b].bytes })
          .with(b, { offset: history[b].offset, bytes: history[a].bytes })
        const [first, second] = [recordOf(history[a]), recordOf(history[b])]
        const between = history.slice(a + 1, b).map((one) => recordOf(one).writer)
        const isOut =
          first.writer === second.writer ||
          between.includes(first.writer) ||
          between.includes(second.writer) ||
          isPlaced(a, history) ||
          isPlaced(b, history) ||
          second.previousOffset >= history[a].offset ||
          second.seen.some(({ offset }) => offset >= history[a].offset)
        expect(found(moved).length > 0).toBe(isOut)
      }),
    )
  })

  test('shows that its end was cut off to whoever has kept the newest record of before', () => {
    fc.assert(
      fc.property(withPlace, ([history, at]) => {
        const head = history[history.length - 1]
        const cut = history.slice(0, at)
        expect(verified(history, 0, head).findings).toEqual([])
        expect(verified(cut, 0, head).findings.map(({ offset }) => offset)).toContain(head.offset)
      }),
    )
  })

  test('shows what is no record of it', () => {
    fc.assert(
      fc.property(withPlace, fc.uint8Array({ maxLength: 200 }), ([history, at], bytes) => {
        const { offset } = history[history.length - 1]
        expect(found([...history, { offset: offset + 1 + at, bytes }])).toEqual([offset + 1 + at])
      }),
    )
  })

  test('keeps no more findings than a person reads, and counts the rest', () => {
    const verification = new Verification(0)
    for (let offset = 0; offset < 1500; offset++) verification.add(offset, null)
    expect(verification.report()).toMatchObject({ records: 0, more: 500, head: null })
  })
})

describe('a record of the audit', () => {
  test('is read back as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const [{ bytes }] = historyOf([{ writer: 0, unread: 0, gap: 0, isNew: false, isBlind: false, entry }])
        expect(decodeAudit(bytes)).toMatchObject({ record: entry, isWhole: true })
      }),
    )
  })

  test('fits what a broker takes, however much is said', () => {
    const long = '€'.repeat(5000)
    const facts = Array.from({ length: 400 }, () => ({ name: long, value: long }))
    const differs = facts.map(({ name }) => name)
    const entry = entryOf({ kind: 'configuration', what: long, by: long, outcome: 'recorded', facts, differs })
    const bytes = new Chain(long).next(entry, [], 0)
    expect(bytes.length).toBeLessThan(1_000_000)
    expect(decodeAudit(bytes)).toMatchObject({ isWhole: true, record: { what: '€'.repeat(1000) } })
  })

  test('of a newer release, with fields behind those that are known, can be verified', () => {
    const known = new Chain('a').next(entryOf({ kind: 'command', what: 'freeze', by: 'zoe', outcome: 'given' }), [], 0)
    const body = known.subarray(0, -32)
    const more = Uint8Array.from([...body, 4, 104, 105])
    const hash = createHash('sha256').update(more).digest()
    expect(decodeAudit(Uint8Array.from([...more, ...hash]))).toMatchObject({
      isWhole: true,
      record: { what: 'freeze' },
    })
  })
})
