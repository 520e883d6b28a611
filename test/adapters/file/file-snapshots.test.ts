/** What is peculiar to snapshots in files: torn writes, leftovers, several processes on one folder. */
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileSnapshots } from '../../../src/adapters/file/file-snapshots.ts'
import { decodeSnapshot, encodeSnapshot } from '../../../src/adapters/file/snapshot-file.ts'
import { snapshot } from '../../runtime/sample-snapshot.ts'

const whole = encodeSnapshot(snapshot(1))
const formatByte = 7

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

const storeIn = (place: string, historyLimit = 100) => fileSnapshots({ folder: place, historyLimit })
const snapshotFiles = async () =>
  (await readdir(join(folder, 'cards'))).filter((file) => file.endsWith('.snapshot')).sort()

test('a file with any one bit flipped is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length * 8 - 1 }), (bit) => {
      const flipped = Buffer.from(whole)
      flipped[bit >> 3] ^= 1 << (bit & 7)
      const code = bit >> 3 === formatByte ? /snapshot\.(damaged|newer_format)/ : /snapshot\.damaged/
      expect(() => decodeSnapshot(flipped, 'x')).toThrow(expect.objectContaining({ code: expect.stringMatching(code) }))
    }),
  )
})

test('a file cut short anywhere is refused as damaged', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
      expect(() => decodeSnapshot(whole.subarray(0, length), 'x')).toThrow(
        expect.objectContaining({ code: 'snapshot.damaged' }),
      )
    }),
  )
})

test('a file with bytes after its end is refused as damaged', () => {
  expect(() => decodeSnapshot(Buffer.concat([whole, Buffer.of(0)]), 'x')).toThrow(
    expect.objectContaining({ code: 'snapshot.damaged' }),
  )
})

test('a file of a newer format is refused by name, and neither replaced nor removed', async () => {
  const store = storeIn(folder)
  await store.put(snapshot(9))
  const [file] = await snapshotFiles()
  const newer = Buffer.from(whole)
  newer[formatByte] = 2
  await writeFile(join(folder, 'cards', file), newer)
  await expect(store.latest('cards')).rejects.toMatchObject({ code: 'snapshot.newer_format' })
  await expect(store.put(snapshot(8))).rejects.toMatchObject({ code: 'snapshot.newer_format' })
  expect(await readFile(join(folder, 'cards', file))).toEqual(newer)
})

test('a damaged newest version does not hide the next that is written, even an older one', async () => {
  const store = storeIn(folder)
  await store.put(snapshot(9))
  const [file] = await snapshotFiles()
  await writeFile(join(folder, 'cards', file), 'garbage')
  expect(await store.put(snapshot(8))).toBe('written')
  expect(await store.latest('cards')).toEqual(snapshot(8))
})

test('a damaged version of the history is left out of it', async () => {
  const store = storeIn(folder)
  for (const version of [1, 2, 3]) await store.put(snapshot(version))
  await writeFile(join(folder, 'cards', (await snapshotFiles())[1]), 'garbage')
  expect((await store.history('cards', 9)).map(({ version }) => version)).toEqual([3, 1])
  await expect(store.read('cards', 2)).rejects.toMatchObject({ code: 'snapshot.damaged' })
})

test('files of others in the folder are left alone', async () => {
  await mkdir(join(folder, 'cards'))
  await writeFile(join(folder, 'cards', 'README.snapshot'), 'mine')
  const store = storeIn(folder, 1)
  for (const version of [1, 2]) await store.put(snapshot(version))
  expect(await readFile(join(folder, 'cards', 'README.snapshot'), 'utf8')).toBe('mine')
  expect(await store.history('cards', 9)).toHaveLength(1)
})

test('what a dead process left half written is removed, what a living one writes is not', async () => {
  await mkdir(join(folder, 'cards'))
  const [old, fresh] = [join(folder, 'cards', 'old.tmp'), join(folder, 'cards', 'fresh.tmp')]
  await writeFile(old, 'half')
  await writeFile(fresh, 'half')
  await utimes(old, new Date(0), new Date(0))
  await storeIn(folder).put(snapshot(1))
  await expect(access(old)).rejects.toThrow(/ENOENT/)
  await expect(access(fresh)).resolves.toBeUndefined()
})

test('nothing but snapshots and the clusters stays in the folder', async () => {
  const store = storeIn(folder)
  await store.put(snapshot(1, { summary: '[1]' }))
  await store.put(snapshot(1, { summary: '[2]' }))
  await store.put(snapshot(2, { summary: '[3]' }))
  expect((await readdir(join(folder, 'cards'))).sort()).toEqual([...(await snapshotFiles()), 'clusters.json'])
})

test('a folder that cannot be made is snapshots.unavailable', async () => {
  await writeFile(join(folder, 'occupied'), '')
  const store = storeIn(join(folder, 'occupied'))
  await expect(store.put(snapshot(1))).rejects.toMatchObject({ code: 'snapshots.unavailable', retriable: true })
  await expect(store.latest('cards')).rejects.toMatchObject({ code: 'snapshots.unavailable' })
})

test('of three processes that write 20 versions each, the newest wins and none is torn', async () => {
  const adapter = join(import.meta.dirname, '../../../src/adapters/file/file-snapshots.ts')
  const program = `
    import { fileSnapshots } from ${JSON.stringify(adapter)}
    const [folder, first] = process.argv.slice(1)
    const store = fileSnapshots({ folder, historyLimit: 100 })
    for (let version = Number(first); version <= 60; version += 3) {
      const bytes = Buffer.alloc(100_000, version)
      await store.put({ name: 'cards', version, bornAtMs: 1, fingerprint: 'ab', offset: version, publishedAtMs: version, bytes })
      const seen = await store.latest('cards')
      if (seen.version < version) throw new Error('went back from ' + version + ' to ' + seen.version)
    }`
  const run = promisify(execFile)
  await Promise.all(
    ['1', '2', '3'].map((first) => run(process.execPath, ['--input-type=module', '--eval', program, folder, first])),
  )
  const latest = await storeIn(folder).latest('cards')
  expect(latest?.version).toBe(60)
  expect(latest?.bytes.every((byte) => byte === 60)).toBe(true)
  const files = (await snapshotFiles()).map((file) => join(folder, 'cards', file))
  for (const file of files) expect(decodeSnapshot(await readFile(file), file).bytes).toHaveLength(100_000)
})
