import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileSnapshots } from '../../src/adapters/file/file-snapshots.ts'
import { snapshotStoreContract } from './snapshot-store.ts'

snapshotStoreContract('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-snapshots-'))
  return {
    open: (historyLimit = 100) => fileSnapshots({ folder, historyLimit }),
    damageLatest: async (name) => {
      const files = (await readdir(join(folder, name))).filter((file) => file.endsWith('.snapshot'))
      const path = join(folder, name, files.sort().at(-1)!)
      const bytes = await readFile(path)
      bytes[bytes.length - 1] ^= 1
      await writeFile(path, bytes)
    },
    readSummary: (name) => readFile(join(folder, name, 'clusters.json'), 'utf8').catch(() => null),
    remove: () => rm(folder, { recursive: true }),
  }
})
