import { MemorySnapshots } from '../simulation/memory-snapshots.ts'
import { snapshotStoreContract } from './snapshot-store.ts'

snapshotStoreContract('the simulator', async () => {
  const snapshots = new MemorySnapshots(100)
  return {
    open: (historyLimit = 100) => snapshots.open(historyLimit),
    parts: async (name) => new Map([['bytes', Buffer.from(snapshots.newest(name)!.snapshot.bytes)]]),
    overwrite: async (name) => snapshots.damageLatest(name),
    readSummary: async (name) => snapshots.summary(name),
    remove: async () => undefined,
  }
})
