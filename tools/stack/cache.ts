/** What is downloaded once and kept outside `node_modules`: programs that the stack runs. */
import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './process.ts'

export type Report = (line: string) => void

const lockWaitMs = 15 * 60_000

export function cacheFolder(): string {
  return process.env.SHOAL_CACHE ?? join(homedir(), '.cache', 'shoal')
}

/**
 * The folder `name` of the cache, filled by `fetch` when it is not there. A folder that is there is whole: it is
 * filled under another name and renamed. `tool` is what fetches; one process at a time uses it, because two Mavens
 * that fill the same local repository can damage it.
 */
export async function cached(name: string, tool: string, fetch: (into: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name)
  if (await exists(folder)) return folder
  await mkdir(cacheFolder(), { recursive: true })
  await withLock(join(cacheFolder(), `${tool}.lock`), async () => {
    if (await exists(folder)) return
    const partial = await mkdtemp(`${folder}.partial-`)
    try {
      await fetch(partial)
      await mkdir(dirname(folder), { recursive: true })
      await rename(partial, folder)
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
  })
  return folder
}

/** Whether the folder is there already. */
export function isCached(name: string): Promise<boolean> {
  return exists(join(cacheFolder(), name))
}

async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + lockWaitMs
  while (!(await take(file))) {
    if (Date.now() > deadline) throw new Error(`${file} is held for more than 15 minutes: delete it when nothing runs`)
    await sleep(200)
  }
  try {
    await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(String(process.pid))
    await handle.close()
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (await isAbandoned(file)) await rm(file, { force: true })
    return false
  }
}

/** Its owner was killed. An empty file is a lock that is being written, unless it stays empty. */
async function isAbandoned(file: string): Promise<boolean> {
  const owner = Number(await readFile(file, 'utf8').catch(() => '0'))
  if (owner !== 0) return !(await isAlive(owner))
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }))
  return Date.now() - mtimeMs > 5_000
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
