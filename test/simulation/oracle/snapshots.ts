/** What may stand in the snapshot store: committed bytes, and never older ones than before. */
import type { Snapshot, SnapshotStore } from '../../../src/runtime/ports.ts'
import type { Versions } from './versions.ts'
import { Violation } from './violation.ts'

/** The store with the oracle looking over the writers' shoulders. */
export function watched(
  store: SnapshotStore,
  versions: Versions,
  onViolation: (found: Violation) => void,
): SnapshotStore {
  return {
    ...store,
    async put(snapshot, instead) {
      if (!isCommitted(snapshot, versions)) {
        const rule = 'a snapshot must be a committed version, byte for byte'
        onViolation(new Violation(6, `${rule}: version ${snapshot.version} is not`))
      }
      // What was planted there may go.
      const there = await newest(store, snapshot.name)
      const before = there !== null && isCommitted(there, versions) ? there : null
      const outcome = await store.put(snapshot, instead)
      const after = await newest(store, snapshot.name)
      if (before !== null && (after === null || isOlder(after, before))) {
        const now = after === null ? 'nothing' : `version ${after.version}`
        onViolation(new Violation(6, `the store must never go back: it had version ${before.version}, and has ${now}`))
      }
      return outcome
    },
  }
}

function isCommitted(snapshot: Snapshot, versions: Versions): boolean {
  const committed = versions.at(snapshot.offset)
  return committed !== undefined && committed.version === snapshot.version && committed.bytes.equals(snapshot.bytes)
}

/** Null also for one that is damaged: whoever replaces it takes nothing away. */
async function newest(store: SnapshotStore, name: string): Promise<Snapshot | null> {
  return store.latest(name).catch(() => null)
}

function isOlder(a: Snapshot, b: Snapshot): boolean {
  return a.bornAtMs < b.bornAtMs || (a.bornAtMs === b.bornAtMs && a.version < b.version)
}
