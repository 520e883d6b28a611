/** What a crash at any step of a write leaves in the folder, and in which order things reach the disk. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type * as Fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fileSnapshots } from '../../../src/adapters/file/file-snapshots.ts'
import type { Snapshot } from '../../../src/runtime/ports.ts'

/** What is done to the disk, in order; from step `dead` on nothing reaches it any more. */
const disk = vi.hoisted(() => {
  const state = { steps: [] as string[], dead: Number.POSITIVE_INFINITY }
  return Object.assign(state, {
    async step<T>(what: string, work: () => Promise<T>): Promise<T> {
      state.steps.push(what)
      if (state.steps.length > state.dead) throw new Error('the process is dead')
      return work()
    },
  })
})

vi.mock('node:fs/promises', async (load) => {
  const fs = await load<typeof Fs>()
  const open: typeof Fs.open = async (path, flags) => {
    const handle = await (flags === 'wx'
      ? disk.step(`make ${show(path)}`, () => fs.open(path, flags))
      : fs.open(path, flags))
    const sync = handle.sync.bind(handle)
    const writeFile = handle.writeFile.bind(handle)
    handle.sync = () => disk.step(`sync ${show(path)}`, sync)
    handle.writeFile = (content) => disk.step(`write ${show(path)}`, () => writeFile(content))
    return handle
  }
  const show = (path: unknown) => basename(String(path)).replace(/^[-0-9a-f]+\.tmp$/, 'temporary')
  return {
    ...fs,
    open,
    mkdir: (path: string, options: { recursive: true }) =>
      disk.step(`make ${show(path)}`, () => fs.mkdir(path, options)),
    link: (from: string, to: string) => disk.step(`name ${show(to)}`, () => fs.link(from, to)),
    rename: (from: string, to: string) => disk.step(`name ${show(to)}`, () => fs.rename(from, to)),
    rm: (path: string, options: { force: true }) => disk.step(`remove ${show(path)}`, () => fs.rm(path, options)),
  }
})

const snapshot = (version: number): Snapshot => ({
  name: 'cards',
  version,
  bornAtMs: 1,
  fingerprint: '00ff10a0b0c0d0e0',
  offset: version,
  publishedAtMs: 1,
  bytes: Buffer.from(`model ${version}`),
})
const withSummary = (version: number): Snapshot => ({ ...snapshot(version), summary: `[${version}]` })
const fileOf = (version: number) => `0000000000000001-${String(version).padStart(16, '0')}.snapshot`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-crash-'))
})
afterEach(() => {
  disk.dead = Number.POSITIVE_INFINITY
  rmSync(folder, { recursive: true })
})
const store = () => fileSnapshots({ folder, historyLimit: 1 })

test('contents are on the disk before they have a name, and a new name before an old one goes', async () => {
  await store().put(withSummary(1))
  disk.steps.length = 0
  await store().put(withSummary(2))
  expect(disk.steps).toEqual([
    'make cards',
    ...['make temporary', 'write temporary', 'sync temporary'],
    ...['make temporary', 'write temporary', 'sync temporary'],
    `name ${fileOf(2)}`,
    'sync cards',
    `remove ${fileOf(1)}`,
    'name clusters.json',
    ...['remove temporary', 'remove temporary'],
  ])
})

test.each(Array.from({ length: 13 }, (_, step) => step))(
  'one who dies after step %i leaves the old version or the new, whole, and is no hindrance',
  async (step) => {
    await store().put(withSummary(1))
    disk.steps.length = 0
    disk.dead = step
    const outcome = await store()
      .put(withSummary(2))
      .catch(() => 'died')
    expect(outcome).toBe('died')
    disk.dead = Number.POSITIVE_INFINITY
    expect([1, 2]).toContain((await store().latest('cards'))?.version)
    expect((await store().history('cards', 9)).length).toBeGreaterThan(0)
    expect(await store().put(snapshot(3))).toBe('written')
    expect(await store().latest('cards')).toEqual(snapshot(3))
    const named = readdirSync(join(folder, 'cards')).filter((file) => !file.endsWith('.tmp'))
    expect(named).toEqual([fileOf(3)])
  },
)
