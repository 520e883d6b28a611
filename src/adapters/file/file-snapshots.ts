/**
 * Snapshots in a folder: the embedded default.
 *
 * There is no lock, and none is needed by several processes on one machine: a file is never changed after it has
 * its name, its name carries the order (birth, then version), and the newest is the greatest name. Two writers
 * therefore never replace each other's work; who of two that write the same version comes first is decided by
 * link(2), which fails when the name is taken.
 */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, ShoalError } from '../../runtime/errors.ts'
import { checkModelName } from '../../runtime/model-name.ts'
import type { Snapshot, SnapshotStore } from '../../runtime/ports.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot-file.ts'

interface FileSnapshotsOptions {
  /** One folder per model is made in it. */
  readonly folder: string
  /** Versions kept per model; at least 1. */
  readonly historyLimit: number
}

/** What the name of a file says. */
interface Kept {
  readonly file: string
  readonly bornAtMs: number
  readonly version: number
}

const namePattern = /^(\d{16})-(\d{16})\.snapshot$/
const summaryFile = 'clusters.json'
/** A temporary file of this age belongs to a process that died while it wrote. */
const leftoverAgeMs = 600_000

/** Every error is `snapshots.unavailable`, but for files that are there and cannot be read (`snapshot.damaged`, `snapshot.newer_format`). */
export function fileSnapshots(options: FileSnapshotsOptions): SnapshotStore {
  const folderOf = (name: string): string => join(options.folder, checkModelName(name))
  return {
    put: (snapshot) => onDisk(() => put(folderOf(snapshot.name), snapshot, options.historyLimit)),
    latest: (name) => onDisk(() => latest(folderOf(name))),
    history: (name, limit) => onDisk(() => history(folderOf(name), limit)),
    read: (name, version) => onDisk(() => read(folderOf(name), version)),
    close: async () => {},
  }
}

async function put(folder: string, snapshot: Snapshot, limit: number): Promise<'written' | 'stale'> {
  await mkdir(folder, { recursive: true })
  const file = nameOf(snapshot)
  for (const kept of await list(folder)) {
    if (kept.file < file) break
    if (await isReadable(join(folder, kept.file))) return 'stale'
    // What cannot be read is as good as absent, and must not hide what is written now.
    await rm(join(folder, kept.file), { force: true })
  }
  const temporary = await writeTemporary(folder, encodeSnapshot(snapshot))
  const written = await takeName(temporary, join(folder, file))
  await prune(folder, temporary, limit)
  await rm(temporary, { force: true })
  if (!written) return 'stale'
  await showSummary(folder, file, snapshot.summary)
  await syncFolder(folder)
  return 'written'
}

async function latest(folder: string): Promise<Snapshot | null> {
  // Between the listing and the reading a newer version may have come and pushed the listed one out.
  for (let attempt = 0; attempt < 10; attempt++) {
    const [newest] = await list(folder)
    if (newest === undefined) return null
    const snapshot = await readIfThere(join(folder, newest.file))
    if (snapshot !== null) return snapshot
  }
  throw new ShoalError('snapshots.unavailable', `the newest snapshot in ${folder} vanished ten times while it was read`)
}

async function history(folder: string, limit: number): ReturnType<SnapshotStore['history']> {
  const versions = []
  for (const kept of ofNewestBirth(await list(folder)).slice(0, limit)) {
    const snapshot = await readIfThere(join(folder, kept.file)).catch(nullWhenUnreadable)
    if (snapshot !== null) versions.push({ version: snapshot.version, publishedAtMs: snapshot.publishedAtMs })
  }
  return versions
}

async function read(folder: string, version: number): Promise<Snapshot | null> {
  const kept = ofNewestBirth(await list(folder)).find((candidate) => candidate.version === version)
  return kept === undefined ? null : readIfThere(join(folder, kept.file))
}

/** The name orders by birth, then version: 16 digits hold every safe integer. */
function nameOf({ bornAtMs, version }: Snapshot): string {
  return `${String(bornAtMs).padStart(16, '0')}-${String(version).padStart(16, '0')}.snapshot`
}

/** Newest first. */
async function list(folder: string): Promise<readonly Kept[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .map((file) => ({ file, match: namePattern.exec(file) }))
    .filter(({ match }) => match !== null)
    .map(({ file, match }) => ({ file, bornAtMs: Number(match?.[1]), version: Number(match?.[2]) }))
    .sort((a, b) => (a.file < b.file ? 1 : -1))
}

/** A writer that was slow may leave a file of an earlier birth behind: it counts no more. */
function ofNewestBirth(kept: readonly Kept[]): readonly Kept[] {
  return kept.filter(({ bornAtMs }) => bornAtMs === kept[0].bornAtMs)
}

async function readIfThere(path: string): Promise<Snapshot | null> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return file === null ? null : decodeSnapshot(file, path)
}

async function isReadable(path: string): Promise<boolean> {
  return (await readIfThere(path).catch(nullWhenUnreadable)) !== null
}

function nullWhenUnreadable(error: unknown): null {
  if (codeOf(error) === 'snapshot.damaged') return null
  throw error
}

/** On the disk before it has a name that anybody reads. */
async function writeTemporary(folder: string, content: Buffer | string): Promise<string> {
  const path = join(folder, `${randomUUID()}.tmp`)
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return path
}

/** False when the name is taken. */
async function takeName(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes earlier births, versions beyond the limit, and what dead processes left; ages are by the clock of the disk. */
async function prune(folder: string, temporary: string, limit: number): Promise<void> {
  const kept = await list(folder)
  const wanted = new Set(ofNewestBirth(kept).slice(0, limit))
  for (const old of kept) if (!wanted.has(old)) await rm(join(folder, old.file), { force: true })
  const nowMs = (await stat(temporary)).mtimeMs
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue
    const facts = await stat(join(folder, name)).catch(() => null)
    if (facts !== null && nowMs - facts.mtimeMs > leftoverAgeMs) await rm(join(folder, name), { force: true })
  }
}

/** The readable view is of the newest version; a writer that was overtaken leaves the newer one's alone. */
async function showSummary(folder: string, file: string, summary: string | undefined): Promise<void> {
  const [newest] = await list(folder)
  if (newest?.file !== file) return
  const path = join(folder, summaryFile)
  if (summary === undefined) await rm(path, { force: true })
  else await rename(await writeTemporary(folder, summary), path)
}

/** A new name is on the disk only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ShoalError) throw error
    throw new ShoalError('snapshots.unavailable', `the snapshot folder must be readable and writable: ${error}`, {
      cause: error,
    })
  }
}
