/**
 * The records of one kind of entity: a slab of cells and an index by the entity's bytes. No object per entity, and as few
 * places in memory per event as can be, because with a million entities each is a cache miss. What a transaction has
 * changed is noted, for its topic. At the limit the least recently seen entity goes: profile-order.ts.
 */
import { ProfileOrder } from './profile-order.ts'

/** The longest entity that is kept, in bytes. */
export const maxEntityBytes = 256
const none = -1
const firstCapacity = 64
/** What is kept of each slot beside its record, in one place. */
const Meta = { hash: 0, keyStart: 1, keyLength: 2, isChanged: 3, size: 4 } as const

export class ProfileTable {
  readonly limit: number
  readonly cells: number
  /** 32-bit words of sketches in a record. */
  readonly words: number
  /** `cells` numbers a record. */
  values: Float64Array
  /** `words` words a record. */
  sketches: Uint32Array
  /** Bytes of the entities: `keyLengthOf(slot)` at `keyStartOf(slot)`. */
  keys: Uint8Array
  /** Hash of the last record key that the entity came with; 0: not known. */
  recordKey: Uint32Array
  size = 0
  /** Slots that were changed since `settle`, in the order of their first change. */
  changed: Int32Array
  changes = 0
  /** Entities (latin-1) that were given up since `settle`, to be deleted from the topic. */
  readonly evicted = new Set<string>()
  private capacity = firstCapacity
  private meta: Int32Array
  /** Slot + 1 by open addressing with linear probing; 0 is free. Its length is a power of two, at least twice the capacity. */
  private index: Int32Array
  private readonly order: ProfileOrder
  private keysUsed = 0
  private keysLive = 0

  constructor(limit: number, cells: number, words: number) {
    this.limit = limit
    this.cells = cells
    this.words = words
    this.values = new Float64Array(firstCapacity * cells)
    this.sketches = new Uint32Array(firstCapacity * words)
    this.keys = new Uint8Array(firstCapacity * 16)
    this.recordKey = new Uint32Array(firstCapacity)
    this.changed = new Int32Array(firstCapacity)
    this.meta = new Int32Array(firstCapacity * Meta.size)
    this.index = new Int32Array(4 * firstCapacity)
    this.order = new ProfileOrder(firstCapacity)
  }

  /** Bytes that the table holds. */
  get bytes(): number {
    const perSlot = 8 * this.cells + 4 * this.words + 4 * Meta.size + 8
    return this.capacity * perSlot + 4 * this.index.length + this.keys.length + this.order.bytes
  }

  keyStartOf(slot: number): number {
    return this.meta[slot * Meta.size + Meta.keyStart] >>> 0
  }

  keyLengthOf(slot: number): number {
    return this.meta[slot * Meta.size + Meta.keyLength]
  }

  /** The slot of the entity, or -1. */
  find(source: Uint8Array, start: number, length: number): number {
    return this.lookup(hashOf(source, start, length), source, start, length)
  }

  /**
   * The slot of the entity, which is then the most recently seen; one that is new has cells of 0. At the limit it takes the
   * place of the least recently seen one.
   */
  touch(source: Uint8Array, start: number, length: number): number {
    const hash = hashOf(source, start, length)
    let slot = this.lookup(hash, source, start, length)
    if (slot < 0) slot = this.insert(hash, source, start, length, this.size >= this.limit)
    this.order.see(slot)
    return slot
  }

  /** The same in a restore, whose order says nothing: nothing is given up before `orderBy`. */
  restore(source: Uint8Array, start: number, length: number): number {
    const hash = hashOf(source, start, length)
    const slot = this.lookup(hash, source, start, length)
    return slot < 0 ? this.insert(hash, source, start, length, false) : slot
  }

  /** Notes that the slot is to be written. */
  mark(slot: number): void {
    const at = slot * Meta.size + Meta.isChanged
    if (this.meta[at] === 1) return
    this.meta[at] = 1
    this.changed[this.changes++] = slot
  }

  /** What was changed has been written. */
  settle(): void {
    for (let i = 0; i < this.changes; i++) this.meta[this.changed[i] * Meta.size + Meta.isChanged] = 0
    this.changes = 0
    this.evicted.clear()
  }

  /** Takes the entity out, as its tombstone says; the last slot moves to its place. Nothing may be marked. */
  remove(source: Uint8Array, start: number, length: number): void {
    this.evicted.delete(latin1(source, start, length))
    const slot = this.find(source, start, length)
    if (slot < 0) return
    this.forget(slot)
    const last = --this.size
    if (slot !== last) this.move(last, slot)
  }

  /**
   * After a restore: orders the entities by a cell, ascending, ties by their place, and gives up those at the front that are
   * too many, because the limit is lower than it was.
   */
  orderBy(cell: number): void {
    const { values, cells } = this
    const slots = new Int32Array(this.size).map((_, slot) => slot)
    slots.sort((a, b) => values[a * cells + cell] - values[b * cells + cell] || a - b)
    this.order.set(slots)
    if (this.size <= this.limit) return
    const excess = [...slots.subarray(0, this.size - this.limit)].map((slot) => {
      const start = this.keyStartOf(slot)
      return this.keys.slice(start, start + this.keyLengthOf(slot))
    })
    for (const key of excess) {
      this.remove(key, 0, key.length)
      this.evicted.add(latin1(key, 0, key.length))
    }
  }

  private insert(hash: number, source: Uint8Array, start: number, length: number, isFull: boolean): number {
    let slot: number
    if (!isFull) {
      if (this.size === this.capacity) this.grow()
      slot = this.size++
    } else {
      slot = this.order.oldest(this.size)
      this.evicted.add(latin1(this.keys, this.keyStartOf(slot), this.keyLengthOf(slot)))
      this.forget(slot)
    }
    if (this.evicted.size > 0) this.evicted.delete(latin1(source, start, length))
    this.values.fill(0, slot * this.cells, (slot + 1) * this.cells)
    this.sketches.fill(0, slot * this.words, (slot + 1) * this.words)
    this.recordKey[slot] = 0
    this.meta[slot * Meta.size + Meta.hash] = hash
    this.keepKey(slot, source, start, length)
    this.enter(slot)
    return slot
  }

  private lookup(hash: number, source: Uint8Array, start: number, length: number): number {
    const { index, meta, keys } = this
    const mask = index.length - 1
    for (let at = hash & mask; index[at] !== 0; at = (at + 1) & mask) {
      const slot = index[at] - 1
      const about = slot * Meta.size
      if (meta[about + Meta.hash] !== hash || meta[about + Meta.keyLength] !== length) continue
      let i = 0
      for (let k = meta[about + Meta.keyStart] >>> 0; i < length && keys[k + i] === source[start + i]; ) i++
      if (i === length) return slot
    }
    return none
  }

  private enter(slot: number): void {
    const { index } = this
    const mask = index.length - 1
    let at = this.meta[slot * Meta.size + Meta.hash] & mask
    while (index[at] !== 0) at = (at + 1) & mask
    index[at] = slot + 1
  }

  /** Out of the index. What follows there moves up, so that no probe ends too early (Knuth 6.4, algorithm R). */
  private forget(slot: number): void {
    const { index, meta } = this
    const mask = index.length - 1
    let free = this.placeOf(slot)
    index[free] = 0
    for (let at = (free + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = meta[(index[at] - 1) * Meta.size + Meta.hash] & mask
      if (((at - home) & mask) < ((at - free) & mask)) continue
      index[free] = index[at]
      index[at] = 0
      free = at
    }
    this.keysLive -= this.keyLengthOf(slot)
  }

  private placeOf(slot: number): number {
    const mask = this.index.length - 1
    let at = this.meta[slot * Meta.size + Meta.hash] & mask
    while (this.index[at] !== slot + 1) at = (at + 1) & mask
    return at
  }

  private move(from: number, to: number): void {
    const { cells, words } = this
    this.index[this.placeOf(from)] = to + 1
    this.values.copyWithin(to * cells, from * cells, (from + 1) * cells)
    this.sketches.copyWithin(to * words, from * words, (from + 1) * words)
    this.meta.copyWithin(to * Meta.size, from * Meta.size, (from + 1) * Meta.size)
    this.recordKey[to] = this.recordKey[from]
    this.order.move(from, to)
  }

  private keepKey(slot: number, source: Uint8Array, start: number, length: number): void {
    if (this.keysUsed + length > this.keys.length) this.makeRoomForKeys(slot, length)
    for (let i = 0; i < length; i++) this.keys[this.keysUsed + i] = source[start + i]
    this.meta[slot * Meta.size + Meta.keyStart] = this.keysUsed
    this.meta[slot * Meta.size + Meta.keyLength] = length
    this.keysUsed += length
    this.keysLive += length
  }

  /** Those of evicted entities leave holes: when half of all is holes it is written anew, else it grows. */
  private makeRoomForKeys(without: number, length: number): void {
    const needed = this.keysLive + length
    const isTight = needed * 2 > this.keys.length
    const keys = new Uint8Array(isTight ? Math.max(2 * this.keys.length, needed) : this.keys.length)
    let used = 0
    for (let slot = 0; slot < this.size; slot++) {
      if (slot === without) continue
      const start = this.keyStartOf(slot)
      keys.set(this.keys.subarray(start, start + this.keyLengthOf(slot)), used)
      this.meta[slot * Meta.size + Meta.keyStart] = used
      used += this.keyLengthOf(slot)
    }
    this.keys = keys
    this.keysUsed = used
  }

  private grow(): void {
    const doubled = 2 * this.capacity
    const capacity = this.capacity < this.limit ? Math.min(doubled, Math.max(this.limit, firstCapacity)) : doubled
    this.values = grown(this.values, new Float64Array(capacity * this.cells))
    this.sketches = grown(this.sketches, new Uint32Array(capacity * this.words))
    this.recordKey = grown(this.recordKey, new Uint32Array(capacity))
    this.changed = grown(this.changed, new Int32Array(capacity))
    this.meta = grown(this.meta, new Int32Array(capacity * Meta.size))
    this.order.grow(capacity)
    this.capacity = capacity
    if (this.index.length >= 2 * capacity) return
    this.index = new Int32Array(2 * this.index.length)
    for (let slot = 0; slot < this.size; slot++) this.enter(slot)
  }
}

function grown<T extends { set(values: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}

/** FNV-1a, then the finaliser of MurmurHash3, because only the low bits choose the place. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = 0x811c9dc5
  for (let at = start; at < start + length; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  let text = ''
  for (let at = start; at < start + length; at++) text += String.fromCharCode(bytes[at])
  return text
}
