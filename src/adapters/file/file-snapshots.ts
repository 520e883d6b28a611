/**
 * Snapshots in a folder: the embedded default.
 *
 * There is no lock, and none is needed by several processes on one machine: a file is never changed after it has
 * its name, its name carries the order (birth, then version), and the newest is the greatest name. Two writers
 * therefore never replace each other's work; who of two that write the same version comes first is decided by
 * link(2), which fails when the name is taken.
 */
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, ShoalError } from '../../runtime/errors.ts'
import { checkModelName } from '../../runtime/model-name.ts'
import type { Snapshot, SnapshotStore } from '../../runtime/ports.ts'
import { modelRecordBytes } from '../../runtime/topics.ts'
import { syncFolder, takeName, writeTemporary } from './durable-file.ts'
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

/** Every error is `snapshots.unavailable`, but for files that are there and cannot be used (`snapshot.damaged`, `snapshot.foreign`, `snapshot.newer_format`). */
export function fileSnapshots(options: FileSnapshotsOptions): SnapshotStore {
  const folderOf = (name: string): string => join(options.folder, checkModelName(name))
  return {
    put: (snapshot, instead) =>
      onDisk(() =>
        put({ folder: folderOf(snapshot.name), name: snapshot.name }, snapshot, options.historyLimit, instead),
      ),
    latest: (name) => onDisk(() => latest({ folder: folderOf(name), name })),
    history: (name, limit) => onDisk(() => history({ folder: folderOf(name), name }, limit)),
    read: (name, version) => onDisk(() => read({ folder: folderOf(name), name }, version)),
    close: async () => {},
  }
}

/** The folder of one model. */
interface Place {
  readonly folder: string
  readonly name: string
}

/**
 * Both files are on the disk before either has its name, and the new one's name is before any old one's goes: a crash
 * at whatever step, or a disk that is full, leaves what was there and at most temporary files.
 */
async function put(place: Place, snapshot: Snapshot, limit: number, instead?: Snapshot): Promise<'written' | 'stale'> {
  const { folder } = place
  await mkdir(folder, { recursive: true })
  const file = nameOf(snapshot)
  let isForeign = false
  for (const kept of await list(folder)) {
    if (kept.file < file) break
    const there = await readWhole(place, kept)
    isForeign ||= there !== null && isSame(there, instead)
    if (there !== null && !isForeign) return 'stale'
    // What cannot be used is as good as absent, and must not hide what is written now.
    await rm(join(folder, kept.file), { force: true })
  }
  const temporaries: string[] = []
  try {
    const temporary = await writeTemporary(folder, encodeSnapshot(snapshot), temporaries)
    const shown = snapshot.summary === undefined ? null : await writeTemporary(folder, snapshot.summary, temporaries)
    if (!(await takeName(temporary, join(folder, file)))) return 'stale'
    await syncFolder(folder)
    await prune(folder, temporary, limit)
    await showSummary(folder, file, shown)
    return 'written'
  } finally {
    // Also after a failure: on a full disk what was half written would take the room that the next attempt needs.
    for (const path of temporaries) await rm(path, { force: true })
  }
}

function isSame(there: Snapshot, other: Snapshot | undefined): boolean {
  return other !== undefined && encodeSnapshot(there).equals(encodeSnapshot(other))
}

async function latest(place: Place): Promise<Snapshot | null> {
  // Between the listing and the reading a newer version may have come and pushed the listed one out.
  for (let attempt = 0; attempt < 10; attempt++) {
    const [newest] = await list(place.folder)
    if (newest === undefined) return null
    const snapshot = await readIfThere(place, newest)
    if (snapshot !== null) return snapshot
  }
  const vanished = `the newest snapshot in ${place.folder} vanished ten times while it was read`
  throw new ShoalError('snapshots.unavailable', vanished)
}

async function history(place: Place, limit: number): ReturnType<SnapshotStore['history']> {
  const versions = []
  for (const kept of ofNewestBirth(await list(place.folder)).slice(0, limit)) {
    const snapshot = await readWhole(place, kept)
    if (snapshot !== null) versions.push({ version: snapshot.version, publishedAtMs: snapshot.publishedAtMs })
  }
  return versions
}

async function read(place: Place, version: number): Promise<Snapshot | null> {
  const kept = ofNewestBirth(await list(place.folder)).find((candidate) => candidate.version === version)
  return kept === undefined ? null : readIfThere(place, kept)
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

/** Nothing that Shoal writes is larger: what is must not be brought into memory to find that out. */
const mostBytes = modelRecordBytes + 65_536

async function readIfThere({ folder, name }: Place, { file, bornAtMs, version }: Kept): Promise<Snapshot | null> {
  const path = join(folder, file)
  const content = await readBounded(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (content === null) return null
  const snapshot = decodeSnapshot(content, path)
  if (snapshot.name !== name) {
    throw new ShoalError(
      'snapshot.foreign',
      `a snapshot must be of the model of its folder: ${path} is of ${snapshot.name}`,
    )
  }
  if (snapshot.version !== version || snapshot.bornAtMs !== bornAtMs) {
    throw new ShoalError('snapshot.damaged', `a snapshot file must hold what its name says: ${path} does not`)
  }
  return snapshot
}

async function readBounded(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  if (size <= mostBytes) return readFile(path)
  throw new ShoalError('snapshot.damaged', `a snapshot file must have at most ${mostBytes} bytes: ${path} has ${size}`)
}

/** Null also when it cannot be used. */
async function readWhole(place: Place, kept: Kept): Promise<Snapshot | null> {
  return readIfThere(place, kept).catch((error: unknown) => {
    const code = codeOf(error)
    if (code === 'snapshot.damaged' || code === 'snapshot.foreign') return null
    throw error
  })
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
async function showSummary(folder: string, file: string, written: string | null): Promise<void> {
  const [newest] = await list(folder)
  if (newest?.file !== file) return
  const path = join(folder, summaryFile)
  if (written === null) await rm(path, { force: true })
  else await rename(written, path)
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
