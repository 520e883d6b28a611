/** A snapshot store in memory. It keeps the contract of the others, and can be robbed, damaged and set back. */
import { ShoalError } from '../../src/runtime/errors.ts'
import { checkModelName } from '../../src/runtime/model-name.ts'
import type { Snapshot, SnapshotStore } from '../../src/runtime/ports.ts'

interface Kept {
  readonly snapshot: Snapshot
  readonly summary?: string | undefined
  readonly isDamaged: boolean
}

/** What the store holds of one model, newest version first, all of one birth. */
type Shelf = readonly Kept[]

export class MemorySnapshots {
  #shelves = new Map<string, Shelf>()
  readonly #historyLimit: number

  constructor(historyLimit: number, shelves: ReadonlyMap<string, Shelf> = new Map()) {
    this.#historyLimit = historyLimit
    this.#shelves = new Map(shelves)
  }

  /** One process's way to it. */
  open(historyLimit = this.#historyLimit): SnapshotStore {
    return {
      put: async (snapshot, instead) => this.#put(snapshot, historyLimit, instead),
      latest: async (name) => {
        const newest = this.#shelf(name)[0]
        if (newest?.isDamaged) throw new ShoalError('snapshot.damaged', `the snapshot of ${name} is damaged`)
        return newest === undefined ? null : copyOf(newest.snapshot)
      },
      history: async (name, limit) =>
        this.#shelf(name)
          .slice(0, limit)
          .map(({ snapshot: { version, publishedAtMs } }) => ({ version, publishedAtMs })),
      read: async (name, version) => {
        const kept = this.#shelf(name).find(({ snapshot }) => snapshot.version === version)
        return kept === undefined ? null : copyOf(kept.snapshot)
      },
      close: async () => undefined,
    }
  }

  /** The newest as it stands there, damaged or not. */
  newest(name: string): { readonly snapshot: Snapshot; readonly isDamaged: boolean } | null {
    return this.#shelf(name)[0] ?? null
  }

  /** The clusters as other services would see them. */
  summary(name: string): string | null {
    return this.#shelf(name)[0]?.summary ?? null
  }

  /** What a back-up would have. */
  dump(): ReadonlyMap<string, Shelf> {
    return new Map(this.#shelves)
  }

  restore(dump: ReadonlyMap<string, Shelf>): void {
    this.#shelves = new Map(dump)
  }

  damageLatest(name: string): void {
    const [newest, ...older] = this.#shelf(name)
    if (newest !== undefined) this.#shelves.set(name, [{ ...newest, isDamaged: true }, ...older])
  }

  /** The snapshot stands there as the newest, whatever it is. */
  plant(snapshot: Snapshot): void {
    this.#shelves.set(snapshot.name, [{ snapshot: copyOf(snapshot), isDamaged: false }])
  }

  #shelf(name: string): Shelf {
    return this.#shelves.get(checkModelName(name)) ?? []
  }

  #put(snapshot: Snapshot, historyLimit: number, instead?: Snapshot): 'written' | 'stale' {
    const there = this.#shelf(snapshot.name).filter(({ isDamaged }) => !isDamaged)
    const isForeign = there.length > 0 && isSame(there[0].snapshot, instead)
    const whole = isForeign ? [] : there
    const newest = whole[0]?.snapshot
    if (newest !== undefined && !isNewer(snapshot, newest)) return 'stale'
    const sameBirth = newest?.bornAtMs === snapshot.bornAtMs ? whole : []
    const shelf = [{ snapshot: copyOf(snapshot), summary: snapshot.summary, isDamaged: false }, ...sameBirth]
    this.#shelves.set(snapshot.name, shelf.slice(0, historyLimit))
    return 'written'
  }
}

function isSame(there: Snapshot, other: Snapshot | undefined): boolean {
  if (other === undefined) return false
  const facts = ({ version, bornAtMs, fingerprint, offset, publishedAtMs }: Snapshot) =>
    [version, bornAtMs, fingerprint, offset, publishedAtMs].join()
  return facts(there) === facts(other) && Buffer.compare(there.bytes, other.bytes) === 0
}

/** Versions of a later birth come after all of an earlier one. */
function isNewer(a: Snapshot, b: Snapshot): boolean {
  return a.bornAtMs > b.bornAtMs || (a.bornAtMs === b.bornAtMs && a.version > b.version)
}

/** Nobody's later changes reach what is kept; the summary is shown beside it, and never given back. */
function copyOf({ summary: _, ...snapshot }: Snapshot): Snapshot {
  return { ...snapshot, bytes: Buffer.from(snapshot.bytes) }
}
