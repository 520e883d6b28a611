/** Promise 6 at the store: whatever single thing is wrong with what is stored, it is refused by name, and replaced. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf } from '../../src/runtime/errors.ts'
import type { Snapshot, SnapshotStore } from '../../src/runtime/ports.ts'
import { modelRecordBytes } from '../../src/runtime/topics.ts'
import type { SnapshotPlace } from './snapshot-store.ts'

/** Every byte value, in an order without short cycles: no field is like another. */
const bytes = Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 31 + (i >> 8)) & 255))
const good: Snapshot = {
  name: 'cards',
  version: 17,
  bornAtMs: 1_700_000_000_000,
  fingerprint: '00ff10a0b0c0d0e0',
  offset: 117,
  publishedAtMs: 1_700_000_100_017,
  bytes,
}
const other = { ...good, name: 'cards.b', version: 3 }
const refusals = ['snapshot.damaged', 'snapshot.foreign', 'snapshot.newer_format']

export function snapshotDamageContract(kind: string, makePlace: () => Promise<SnapshotPlace>): void {
  describe(`a snapshot in ${kind}`, () => {
    let place: SnapshotPlace
    let store: SnapshotStore

    beforeEach(async () => {
      place = await makePlace()
      store = place.open()
      await store.put(good)
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })

    /** What became of each spoilt form: how often each refusal came; what was not refused is named. */
    async function outcomesOf(
      spoil: (whole: Buffer) => Iterable<readonly [string, Buffer]>,
    ): Promise<Record<string, number>> {
      const outcomes: Record<string, number> = {}
      for (const [part, whole] of await place.parts('cards')) {
        for (const [what, spoilt] of spoil(whole)) {
          await place.overwrite('cards', part, spoilt)
          const code = await store.latest('cards').then(() => `given, though ${part} has ${what}`, codeOf)
          outcomes[code] = (outcomes[code] ?? 0) + 1
        }
        await place.overwrite('cards', part, whole)
      }
      expect(await store.latest('cards')).toEqual(good)
      return outcomes
    }

    const sizeOf = async () => [...(await place.parts('cards')).values()].reduce((sum, part) => sum + part.length, 0)

    test('is refused by name with any one byte changed', async () => {
      const outcomes = await outcomesOf(function* (whole) {
        for (let i = 0; i < whole.length; i++) {
          const spoilt = Buffer.from(whole)
          spoilt[i] ^= 1 << (i & 7)
          yield [`byte ${i} changed`, spoilt]
        }
      })
      expect(Object.keys(outcomes).filter((code) => !refusals.includes(code))).toEqual([])
      expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(await sizeOf())
    })

    test('is refused by name when cut at any length', async () => {
      const outcomes = await outcomesOf(function* (whole) {
        for (let length = 0; length < whole.length; length++) {
          yield [`${length} bytes left`, whole.subarray(0, length)]
        }
      })
      expect(outcomes).toEqual({ 'snapshot.damaged': await sizeOf() })
    })

    test('is refused by name when anything comes after its end', async () => {
      const outcomes = await outcomesOf(function* (whole) {
        yield ['a zero byte more', Buffer.concat([whole, Buffer.of(0)])]
        yield ['itself once more', Buffer.concat([whole, whole])]
      })
      expect(Object.keys(outcomes)).toEqual(['snapshot.damaged'])
    })

    test('that is larger than any model is refused by name, and is not brought into memory', async () => {
      const part = [...(await place.parts('cards')).keys()].at(-1)!
      await place.overwrite('cards', part, Buffer.alloc(3 * modelRecordBytes))
      const before = process.memoryUsage().arrayBuffers
      await expect(store.latest('cards')).rejects.toMatchObject({ code: 'snapshot.damaged' })
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(modelRecordBytes)
      expect(await store.put(good)).toBe('written')
      expect(await store.latest('cards')).toEqual(good)
    })

    test('that was copied from another model is refused by name, and replaced', async () => {
      await store.put(other)
      for (const [part, whole] of await place.parts('cards')) await place.overwrite('cards.b', part, whole)
      await expect(store.latest('cards.b')).rejects.toMatchObject({ code: 'snapshot.foreign' })
      expect(await store.put(other)).toBe('written')
      expect(await store.latest('cards.b')).toEqual(other)
    })
  })
}
