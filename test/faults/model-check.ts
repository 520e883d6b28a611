/** Whether every published version is the single-threaded fold of the updates before it, bit for bit; as they come. */

import { encodeModel } from '../../src/core/codec/model-codec.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { ReadRecord } from '../pipeline/harness.ts'
import { foldOne, modelBytes, modelOf } from '../stack/model-proof.ts'
import { Fifo } from './fifo.ts'

export class ModelCheck {
  readonly #fingerprint: string
  readonly #waitingUpdates = new Fifo<ReadRecord>()
  /** Published, and not reached by our own fold yet. */
  readonly #waitingVersions = new Fifo<{ readonly version: number; readonly bytes: Buffer }>()
  #own: Model | null = null
  #updates = 0
  #newest = 0
  #compared = 0
  readonly differences: string[] = []

  constructor(fingerprint: string) {
    this.#fingerprint = fingerprint
  }

  /** Committed updates and commands. Version v is the fold of the first v − 1. */
  get updates(): number {
    return this.#updates
  }

  /** The newest published version. */
  get version(): number {
    return this.#newest
  }

  /** Versions that were compared. */
  get compared(): number {
    return this.#compared
  }

  /** Our own fold of all updates. */
  get bytes(): Buffer | null {
    return this.#own === null ? null : Buffer.from(encodeModel(this.#own))
  }

  update(record: ReadRecord): void {
    this.#updates++
    this.#waitingUpdates.push(record)
    this.#fold()
  }

  published(record: ReadRecord): void {
    // What retention has thinned is a tombstone.
    if (record.value === null) return
    const model = modelOf(record, this.#fingerprint)
    if (this.#newest === 0 && model.version !== 1)
      this.differences.push(`the first version must be 1: got ${model.version}`)
    if (model.version <= this.#newest)
      this.differences.push(`versions must grow: got ${model.version} after ${this.#newest}`)
    this.#newest = model.version
    // The birth is where the fold begins; a second one would be out of order.
    this.#own ??= model
    this.#waitingVersions.push({ version: model.version, bytes: modelBytes(record) })
    this.#fold()
  }

  /** Up to the oldest version that waits, and no further: the versions come behind their updates, on another topic. */
  #fold(): void {
    const own = this.#own
    if (own === null) return
    for (let next = this.#waitingVersions.first; next !== undefined; next = this.#waitingVersions.first) {
      const { version, bytes } = next
      while (own.version < version && this.#waitingUpdates.length > 0) foldOne(own, this.#waitingUpdates.shift()!)
      if (own.version < version) return
      this.#waitingVersions.shift()
      this.#compared++
      if (own.version !== version || !bytes.equals(Buffer.from(encodeModel(own))))
        this.differences.push(`version ${version} must be the fold of the ${version - 1} updates before it: it is not`)
    }
  }
}
