/** What every snapshot store does, whoever keeps the snapshots. */
import { afterEach, describe, expect, test } from 'vitest'
import type { SnapshotStore } from '../../src/runtime/ports.ts'
import { snapshot } from '../runtime/sample-snapshot.ts'

/** A place for snapshots, empty at first. */
export interface SnapshotPlace {
  /** One more store on the same place, as another process would open it; versions kept: `historyLimit`. */
  open(historyLimit?: number): SnapshotStore
  /** What is stored of the newest version of a model, part by part; the last one holds the bytes. */
  parts(name: string): Promise<ReadonlyMap<string, Buffer>>
  /** Puts other bytes in the place of a part. */
  overwrite(name: string, part: string, bytes: Buffer): Promise<void>
  /** The clusters as other services see them; null when there are none. */
  readSummary(name: string): Promise<string | null>
  remove(): Promise<void>
}

/** Flips one bit of what is stored of the newest version of a model. */
async function damageLatest(place: SnapshotPlace, name: string): Promise<void> {
  const [part, bytes] = [...(await place.parts(name))].at(-1)!
  bytes[bytes.length - 1] ^= 1
  await place.overwrite(name, part, bytes)
}

const laterBirth = { bornAtMs: 1_700_000_000_001 }

/** Every byte value at every alignment, 3 MB. */
const threeMegabytes = Buffer.alloc(3 << 20).map((_, i) => (i * 31 + (i >> 8)) & 255)

/** 1 to 50 in an order that is neither up nor down: 7 generates all remainders of 53 but 0. */
const shuffled = Array.from({ length: 52 }, (_, i) => (7 * (i + 1)) % 53).filter((n) => n <= 50)

export function snapshotStoreContract(kind: string, makePlace: () => Promise<SnapshotPlace>): void {
  describe(`snapshots in ${kind}`, () => {
    const open: SnapshotStore[] = []
    let place: SnapshotPlace | undefined

    async function freshStore(historyLimit?: number): Promise<SnapshotStore> {
      place = await makePlace()
      return anotherStore(historyLimit)
    }
    function anotherStore(historyLimit?: number): SnapshotStore {
      const store = place!.open(historyLimit)
      open.push(store)
      return store
    }
    afterEach(async () => {
      for (const store of open.splice(0)) await store.close()
      await place?.remove()
    })

    test('a model that was never written is null, and has no history', async () => {
      const store = await freshStore()
      expect(await store.latest('unknown')).toBeNull()
      expect(await store.read('unknown', 1)).toBeNull()
      expect(await store.history('unknown', 10)).toEqual([])
    })

    test('what was written is what is read, as the newest and by its version', async () => {
      const store = await freshStore()
      expect(await store.put(snapshot(1))).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(1))
      expect(await store.read('cards', 1)).toEqual(snapshot(1))
      expect(await store.read('cards', 2)).toBeNull()
    })

    test('another process reads what this one wrote', async () => {
      const store = await freshStore()
      await store.put(snapshot(1))
      expect(await anotherStore().latest('cards')).toEqual(snapshot(1))
    })

    test('3 MB of every byte value come back bit for bit', async () => {
      const store = await freshStore()
      await store.put(snapshot(1, { bytes: threeMegabytes }))
      const latest = await store.latest('cards')
      expect(Buffer.compare(latest!.bytes, threeMegabytes)).toBe(0)
    })

    test('an empty value and the largest numbers come back as they were', async () => {
      const store = await freshStore()
      const extreme = snapshot(Number.MAX_SAFE_INTEGER, {
        bornAtMs: Number.MAX_SAFE_INTEGER,
        offset: Number.MAX_SAFE_INTEGER,
        publishedAtMs: 0,
        bytes: Buffer.alloc(0),
      })
      expect(await store.put(extreme)).toBe('written')
      expect(await store.latest('cards')).toEqual(extreme)
      expect(await store.put({ ...extreme, version: Number.MAX_SAFE_INTEGER - 1 })).toBe('stale')
    })

    test('a newer version replaces an older one', async () => {
      const store = await freshStore()
      await store.put(snapshot(9))
      expect(await store.put(snapshot(10))).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(10))
    })

    test('an older version never replaces a newer one, from whatever process', async () => {
      const store = await freshStore()
      await store.put(snapshot(10))
      expect(await store.put(snapshot(9))).toBe('stale')
      expect(await anotherStore().put(snapshot(9))).toBe('stale')
      expect(await store.latest('cards')).toEqual(snapshot(10))
      expect(await store.read('cards', 9)).toBeNull()
    })

    test('the same version again is stale, and the first stays', async () => {
      const store = await freshStore()
      await store.put(snapshot(5))
      expect(await store.put(snapshot(5, { bytes: Buffer.from('an impostor') }))).toBe('stale')
      expect(await store.latest('cards')).toEqual(snapshot(5))
      expect(await store.read('cards', 5)).toEqual(snapshot(5))
    })

    test('a later birth wins over any version of an earlier one, whose history goes with it', async () => {
      const store = await freshStore()
      for (const version of [1, 2, 900]) await store.put(snapshot(version))
      expect(await store.put(snapshot(1, laterBirth))).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(1, laterBirth))
      expect((await store.history('cards', 10)).map(({ version }) => version)).toEqual([1])
      expect(await store.read('cards', 1)).toEqual(snapshot(1, laterBirth))
      expect(await store.read('cards', 900)).toBeNull()
    })

    test('an earlier birth never comes back, however high its version', async () => {
      const store = await freshStore()
      await store.put(snapshot(1, laterBirth))
      expect(await store.put(snapshot(1000))).toBe('stale')
      expect(await store.latest('cards')).toEqual(snapshot(1, laterBirth))
      expect((await store.history('cards', 10)).map(({ version }) => version)).toEqual([1])
    })

    test('of 50 writers at the same time in any order, the newest version wins', async () => {
      const store = await freshStore()
      const other = anotherStore()
      const outcomes = await Promise.all(shuffled.map((n) => (n % 2 === 0 ? store : other).put(snapshot(n))))
      expect(outcomes[shuffled.indexOf(50)]).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(50))
      expect((await other.history('cards', 1))[0]).toEqual({ version: 50, publishedAtMs: snapshot(50).publishedAtMs })
    })

    test('of ten writers of the same version at the same time, one writes', async () => {
      const store = await freshStore()
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => store.put(snapshot(7))))
      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1)
    })

    test('history is newest first, as long as asked for', async () => {
      const store = await freshStore()
      for (const version of [2, 9, 10, 11]) await store.put(snapshot(version))
      const listed = [11, 10, 9, 2].map((version) => ({ version, publishedAtMs: snapshot(version).publishedAtMs }))
      expect(await store.history('cards', 10)).toEqual(listed)
      expect(await store.history('cards', 2)).toEqual(listed.slice(0, 2))
      expect(await store.history('cards', 0)).toEqual([])
      expect(await store.read('cards', 9)).toEqual(snapshot(9))
    })

    test('versions beyond the history limit are removed, the oldest first', async () => {
      const store = await freshStore(3)
      for (const version of [1, 2, 3, 4, 5]) await store.put(snapshot(version))
      expect((await store.history('cards', 10)).map(({ version }) => version)).toEqual([5, 4, 3])
      expect(await store.read('cards', 2)).toBeNull()
      expect(await store.read('cards', 3)).toEqual(snapshot(3))
    })

    test('models of different names do not mix', async () => {
      const store = await freshStore()
      await store.put(snapshot(5))
      await store.put(snapshot(1, { name: 'cards.b' }))
      expect(await store.latest('cards')).toEqual(snapshot(5))
      expect(await store.latest('cards.b')).toEqual(snapshot(1, { name: 'cards.b' }))
      expect(await store.history('cards.b', 10)).toHaveLength(1)
    })

    test.each(['', '..', 'a/b', '../x', 'a}b', 'ä', '.hidden', 'x'.repeat(201)])(
      'the name %j is refused',
      async (name) => {
        const store = await freshStore()
        await expect(store.latest(name)).rejects.toMatchObject({ code: 'config.invalid' })
        await expect(store.put(snapshot(1, { name }))).rejects.toMatchObject({ code: 'config.invalid' })
      },
    )

    test('a damaged snapshot is refused by name', async () => {
      const store = await freshStore()
      await store.put(snapshot(3))
      await damageLatest(place!, 'cards')
      await expect(store.latest('cards')).rejects.toMatchObject({ code: 'snapshot.damaged', retriable: false })
    })

    test('a damaged snapshot is replaced by the same version', async () => {
      const store = await freshStore()
      await store.put(snapshot(3))
      await damageLatest(place!, 'cards')
      expect(await store.put(snapshot(3))).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(3))
    })

    test('exactly what is found not to be of this log counts as absent, and its history goes with it', async () => {
      const store = await freshStore()
      await store.put(snapshot(8, laterBirth))
      await store.put(snapshot(9, laterBirth))
      expect(await store.put(snapshot(3), snapshot(9, { ...laterBirth, offset: 1 }))).toBe('stale')
      expect(await store.put(snapshot(3), snapshot(8, laterBirth))).toBe('stale')
      expect(await store.latest('cards')).toEqual(snapshot(9, laterBirth))
      expect(await store.put(snapshot(3), snapshot(9, laterBirth))).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(3))
      expect((await store.history('cards', 9)).map(({ version }) => version)).toEqual([3])
      expect(await store.read('cards', 9)).toBeNull()
    })

    test('a version of another life of the log is replaced by the same version of this one', async () => {
      const store = await freshStore()
      await store.put(snapshot(2))
      await store.put(snapshot(3, { bytes: Buffer.from('another life') }))
      expect(await store.put(snapshot(3), (await store.latest('cards'))!)).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(3))
      expect((await store.history('cards', 9))[0].version).toBe(3)
    })

    test('of ten writers that find the same foreign one at the same time, one writes', async () => {
      const store = await freshStore()
      await store.put(snapshot(9, laterBirth))
      const replacing = Array.from({ length: 10 }, () => store.put(snapshot(3), snapshot(9, laterBirth)))
      expect((await Promise.all(replacing)).filter((outcome) => outcome === 'written')).toHaveLength(1)
      expect(await store.latest('cards')).toEqual(snapshot(3))
    })

    test('the clusters can be read by others, and are those of the newest version', async () => {
      const store = await freshStore()
      await store.put(snapshot(2, { summary: '{"clusters":[2]}' }))
      await store.put(snapshot(1, { summary: '{"clusters":[1]}' }))
      expect(await place!.readSummary('cards')).toBe('{"clusters":[2]}')
      await store.put(snapshot(3))
      expect(await place!.readSummary('cards')).toBeNull()
    })

    test('closing twice resolves', async () => {
      const store = await freshStore()
      await store.close()
      await expect(store.close()).resolves.toBeUndefined()
    })
  })
}
