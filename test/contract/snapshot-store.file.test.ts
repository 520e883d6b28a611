import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileSnapshots } from '../../src/adapters/file/file-snapshots.ts'
import { snapshotDamageContract } from './snapshot-damage.ts'
import { type SnapshotPlace, snapshotStoreContract } from './snapshot-store.ts'

async function folderOfSnapshots(): Promise<SnapshotPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-snapshots-'))
  const newestFile = async (name: string) => {
    const files = (await readdir(join(folder, name))).filter((file) => file.endsWith('.snapshot'))
    return join(folder, name, files.sort().at(-1)!)
  }
  return {
    open: (historyLimit = 100) => fileSnapshots({ folder, historyLimit }),
    parts: async (name) => new Map([['file', await readFile(await newestFile(name))]]),
    overwrite: async (name, _, bytes) => writeFile(await newestFile(name), bytes),
    readSummary: (name) => readFile(join(folder, name, 'clusters.json'), 'utf8').catch(() => null),
    remove: () => rm(folder, { recursive: true }),
  }
}

snapshotStoreContract('files', folderOfSnapshots)
snapshotDamageContract('files', folderOfSnapshots)
