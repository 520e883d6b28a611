/**
 * The records of one kind of entity: a slab of cells, an index by the entity's bytes, and an order from the least recently
 * to the most recently seen. No object per entity. What a transaction has changed is noted, for its topic.
 */

/** The longest entity that is kept, in bytes. */
export const maxEntityBytes = 256
const none = -1
const firstCapacity = 64

export class ProfileTable {
  readonly limit: number
  readonly cells: number
  /** 32-bit words of sketches in a record. */
  readonly words: number
  /** `cells` numbers a record. */
  values: Float64Array
  /** `words` words a record. */
  sketches: Uint32Array
  /** Bytes of the entities, each `keyLength[slot]` at `keyStart[slot]`. */
  keys: Uint8Array
  keyStart: Uint32Array
  keyLength: Uint16Array
  /** Hash of the last record key that the entity came with; 0: not known. */
  recordKey: Uint32Array
  size = 0
  /** Slots that were changed since `settle`, in the order of their first change. */
  changed: Int32Array
  changes = 0
  /** Entities (latin-1) that were given up since `settle`, to be deleted from the topic. */
  readonly evicted = new Set<string>()
  private isChanged: Uint8Array
  private capacity = firstCapacity
  private hashes: Uint32Array
  /** Slot + 1 by open addressing with linear probing; 0 is free. Its length is a power of two, at least twice the capacity. */
  private index: Int32Array
  private newer: Int32Array
  private older: Int32Array
  private newest = none
  private oldest = none
  private keysUsed = 0
  private keysLive = 0

  constructor(limit: number, cells: number, words: number) {
    this.limit = limit
    this.cells = cells
    this.words = words
    this.values = new Float64Array(firstCapacity * cells)
    this.sketches = new Uint32Array(firstCapacity * words)
    this.keys = new Uint8Array(firstCapacity * 16)
    this.keyStart = new Uint32Array(firstCapacity)
    this.keyLength = new Uint16Array(firstCapacity)
    this.recordKey = new Uint32Array(firstCapacity)
    this.changed = new Int32Array(firstCapacity)
    this.isChanged = new Uint8Array(firstCapacity)
    this.hashes = new Uint32Array(firstCapacity)
    this.index = new Int32Array(4 * firstCapacity)
    this.newer = new Int32Array(firstCapacity)
    this.older = new Int32Array(firstCapacity)
  }

  /** Bytes that the table holds, and how large it may grow: the limit and the longest entities. */
  get bytes(): number {
    const perSlot = 8 * this.cells + 4 * this.words + 31
    return this.capacity * perSlot + 4 * this.index.length + this.keys.length
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
    else if (slot !== this.newest) {
      this.unlink(slot)
      this.append(slot)
    }
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
    if (this.isChanged[slot] === 1) return
    this.isChanged[slot] = 1
    this.changed[this.changes++] = slot
  }

  /** What was changed has been written. */
  settle(): void {
    for (let i = 0; i < this.changes; i++) this.isChanged[this.changed[i]] = 0
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
    const { values, cells, size } = this
    const order = new Int32Array(size).map((_, slot) => slot)
    order.sort((a, b) => values[a * cells + cell] - values[b * cells + cell] || a - b)
    this.newest = none
    this.oldest = none
    for (const slot of order) this.append(slot)
    while (this.size > this.limit) {
      const start = this.keyStart[this.oldest]
      const key = this.keys.slice(start, start + this.keyLength[this.oldest])
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
      slot = this.oldest
      this.evicted.add(latin1(this.keys, this.keyStart[slot], this.keyLength[slot]))
      this.forget(slot)
    }
    if (this.evicted.size > 0) this.evicted.delete(latin1(source, start, length))
    this.values.fill(0, slot * this.cells, (slot + 1) * this.cells)
    this.sketches.fill(0, slot * this.words, (slot + 1) * this.words)
    this.recordKey[slot] = 0
    this.hashes[slot] = hash
    this.keepKey(slot, source, start, length)
    this.enter(slot)
    this.append(slot)
    return slot
  }

  private lookup(hash: number, source: Uint8Array, start: number, length: number): number {
    const { index, hashes, keyLength, keyStart, keys } = this
    const mask = index.length - 1
    for (let at = hash & mask; index[at] !== 0; at = (at + 1) & mask) {
      const slot = index[at] - 1
      if (hashes[slot] !== hash || keyLength[slot] !== length) continue
      let i = 0
      for (let k = keyStart[slot]; i < length && keys[k + i] === source[start + i]; ) i++
      if (i === length) return slot
    }
    return none
  }

  private enter(slot: number): void {
    const { index } = this
    const mask = index.length - 1
    let at = this.hashes[slot] & mask
    while (index[at] !== 0) at = (at + 1) & mask
    index[at] = slot + 1
  }

  /** Out of index and order. What follows in the index moves up, so that no probe ends too early (Knuth 6.4, algorithm R). */
  private forget(slot: number): void {
    const { index, hashes } = this
    const mask = index.length - 1
    let free = this.placeOf(slot)
    index[free] = 0
    for (let at = (free + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = hashes[index[at] - 1] & mask
      if (((at - home) & mask) < ((at - free) & mask)) continue
      index[free] = index[at]
      index[at] = 0
      free = at
    }
    this.unlink(slot)
    this.keysLive -= this.keyLength[slot]
  }

  private placeOf(slot: number): number {
    const mask = this.index.length - 1
    let at = this.hashes[slot] & mask
    while (this.index[at] !== slot + 1) at = (at + 1) & mask
    return at
  }

  private move(from: number, to: number): void {
    const { cells, words, newer, older } = this
    this.index[this.placeOf(from)] = to + 1
    this.values.copyWithin(to * cells, from * cells, (from + 1) * cells)
    this.sketches.copyWithin(to * words, from * words, (from + 1) * words)
    this.keyStart[to] = this.keyStart[from]
    this.keyLength[to] = this.keyLength[from]
    this.recordKey[to] = this.recordKey[from]
    this.hashes[to] = this.hashes[from]
    newer[to] = newer[from]
    older[to] = older[from]
    if (newer[to] === none) this.newest = to
    else older[newer[to]] = to
    if (older[to] === none) this.oldest = to
    else newer[older[to]] = to
  }

  private append(slot: number): void {
    this.older[slot] = this.newest
    this.newer[slot] = none
    if (this.newest === none) this.oldest = slot
    else this.newer[this.newest] = slot
    this.newest = slot
  }

  private unlink(slot: number): void {
    const { newer, older } = this
    if (newer[slot] === none) this.newest = older[slot]
    else older[newer[slot]] = older[slot]
    if (older[slot] === none) this.oldest = newer[slot]
    else newer[older[slot]] = newer[slot]
  }

  private keepKey(slot: number, source: Uint8Array, start: number, length: number): void {
    if (this.keysUsed + length > this.keys.length) this.makeRoomForKeys(slot, length)
    for (let i = 0; i < length; i++) this.keys[this.keysUsed + i] = source[start + i]
    this.keyStart[slot] = this.keysUsed
    this.keyLength[slot] = length
    this.keysUsed += length
    this.keysLive += length
  }

  /** Those of evicted entities leave holes: when half of all is holes it is written anew, else it grows. */
  private makeRoomForKeys(without: number, length: number): void {
    const needed = this.keysLive + length
    const keys = new Uint8Array(
      needed * 2 > this.keys.length ? Math.max(2 * this.keys.length, needed) : this.keys.length,
    )
    let used = 0
    for (let slot = 0; slot < this.size; slot++) {
      if (slot === without) continue
      const start = this.keyStart[slot]
      keys.set(this.keys.subarray(start, start + this.keyLength[slot]), used)
      this.keyStart[slot] = used
      used += this.keyLength[slot]
    }
    this.keys = keys
    this.keysUsed = used
  }

  private grow(): void {
    const doubled = 2 * this.capacity
    const capacity = this.capacity < this.limit ? Math.min(doubled, Math.max(this.limit, firstCapacity)) : doubled
    this.values = grown(this.values, new Float64Array(capacity * this.cells))
    this.sketches = grown(this.sketches, new Uint32Array(capacity * this.words))
    this.keyStart = grown(this.keyStart, new Uint32Array(capacity))
    this.keyLength = grown(this.keyLength, new Uint16Array(capacity))
    this.recordKey = grown(this.recordKey, new Uint32Array(capacity))
    this.changed = grown(this.changed, new Int32Array(capacity))
    this.isChanged = grown(this.isChanged, new Uint8Array(capacity))
    this.hashes = grown(this.hashes, new Uint32Array(capacity))
    this.newer = grown(this.newer, new Int32Array(capacity))
    this.older = grown(this.older, new Int32Array(capacity))
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
  return (hash ^ (hash >>> 16)) >>> 0
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  let text = ''
  for (let at = start; at < start + length; at++) text += String.fromCharCode(bytes[at])
  return text
}
