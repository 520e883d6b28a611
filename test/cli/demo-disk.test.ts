/** `shoal demo` on a disk that is full, read-only or gone: it goes on, says so, and saves again when it can. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DemoFigures } from '../../src/cli/demo-report.ts'
import { canHaveDisks, diskOf, withDisk } from './disk-of-its-own.ts'
import { type Program, source, startProgram } from './program.ts'

const canMount = canHaveDisks(tmpdir())
/** Room for some snapshots, each of which holds a sample of the stream. */
const diskKilobytes = 16 * 1024
vi.setConfig({ testTimeout: 180_000 })

let folder: string
let running: Program
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-disk-'))
})
afterEach(async () => {
  running.kill('SIGKILL')
  await running.ended
  rmSync(folder, { recursive: true, force: true })
})

function start(by: readonly string[] = []): void {
  running = startProgram(['demo', '--json', '--folder', folder], tmpdir(), source, by)
}

const figuresIn = (text: string) => JSON.parse(text.trim().split('\n').at(-1) ?? '') as DemoFigures
const now = () => figuresIn(running.said())

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 60_000, interval: 20 })
}

/** Saves what it learns, as fast as it learns it. */
async function isSound(): Promise<void> {
  await eventually(() => {
    expect(now().state).toBe('serving')
    expect(now().snapshotVersion).toBeGreaterThanOrEqual((now().version ?? Number.POSITIVE_INFINITY) - 100)
  })
}

/** Goes on with everything else although `problem`, and says so. */
async function goesOnThough(problem: RegExp): Promise<void> {
  await eventually(() => expect(now().state).toMatch(problem))
  const then = now()
  await eventually(() => {
    expect(now().scored).toBeGreaterThan(then.scored + 20_000)
    expect(now().version).toBeGreaterThan(then.version ?? Number.POSITIVE_INFINITY)
  })
  expect(now().state).toMatch(problem)
}

async function endsInOrder(): Promise<DemoFigures> {
  running.kill('SIGINT')
  const { code, stdout, stderr } = await running.ended
  expect([code, stderr]).toEqual([0, ''])
  const summary = figuresIn(stdout)
  expect(summary.scored + summary.deadLetters).toBe(summary.produced)
  expect(summary.deadLetters).toBe(summary.invalidPlanted)
  return summary
}

const leftovers = (path: string) =>
  readdirSync(path, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))
const full = /^degraded: redis: the snapshot folder must be readable and writable: Error: ENOSPC/
const readOnly = /^degraded: redis: the snapshot folder must be readable and writable: Error: EROFS/
const notAFolder = /^degraded: redis: the snapshot folder must be readable and writable: Error: (ENOTDIR|EEXIST)/

test.skipIf(!canMount)(
  'on a full disk, saves again when there is room, and sums up though it is full at the end',
  async () => {
    start(withDisk(diskKilobytes, folder))
    await isSound()
    const disk = diskOf(running.pid, folder)
    disk.fill()
    await goesOnThough(full)
    // A save under way has its files; what it leaves behind is another matter.
    await eventually(() => expect(leftovers(disk.root)).toEqual([]))
    disk.clear()
    await isSound()
    const { snapshotVersion } = now()
    disk.fill()
    await goesOnThough(full)
    const summary = await endsInOrder()
    expect(summary.snapshotVersion).toBeGreaterThanOrEqual(snapshotVersion ?? 1)
    expect(summary.snapshotVersion).toBeLessThan(summary.version ?? 0)
  },
)

test.skipIf(!canMount)('on a disk that is read-only for a while', async () => {
  start(withDisk(diskKilobytes, folder))
  await isSound()
  const disk = diskOf(running.pid, folder)
  // Not while a save is under way.
  await eventually(disk.makeReadOnly)
  await goesOnThough(readOnly)
  disk.makeWritable()
  await isSound()
  const { snapshotVersion, version } = await endsInOrder()
  expect(snapshotVersion).toBe(version)
})

test('without its folder, for which a file was put, until that is gone', async () => {
  start()
  await isSound()
  // A save under way may make the folder anew in between.
  await eventually(() => {
    rmSync(folder, { recursive: true, force: true })
    writeFileSync(folder, 'not a folder')
  })
  await goesOnThough(notAFolder)
  rmSync(folder)
  await isSound()
  const { snapshotVersion, version } = await endsInOrder()
  expect(leftovers(folder)).toEqual([])
  expect(snapshotVersion).toBe(version)
})
