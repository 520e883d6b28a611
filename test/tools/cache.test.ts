import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cached } from '../../tools/stack/cache.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-cache-test-'))
  vi.stubEnv('SHOAL_CACHE', folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const fetchText = (text: string) => vi.fn((into: string) => writeFile(join(into, 'file'), text))

test('two that want the same program at the same time fetch it once', async () => {
  const fetch = fetchText('program')
  const [first, second] = await Promise.all([cached('program', 'tool', fetch), cached('program', 'tool', fetch)])
  expect(fetch).toHaveBeenCalledOnce()
  expect(first).toBe(second)
  expect(await readFile(join(first, 'file'), 'utf8')).toBe('program')
})

test('a fetch that fails leaves neither half a program nor a lock', async () => {
  const cutOff = async (into: string) => {
    await writeFile(join(into, 'file'), 'half')
    throw new Error('cut off')
  }
  await expect(cached('program', 'tool', cutOff)).rejects.toThrow('cut off')
  expect(await readdir(folder)).toEqual([])
})

test('the lock of a process that was killed is taken over', async () => {
  // Beyond the greatest process id of any system.
  await writeFile(join(folder, 'tool.lock'), '99999999')
  await cached('program', 'tool', fetchText('program'))
  expect(await readdir(folder)).toEqual(['program'])
})
