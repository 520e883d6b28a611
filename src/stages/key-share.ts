/**
 * Lets the events of one key be no more than a share of what is learned: whoever owns many events of a stream by few keys
 * cannot move the model as if he were many. The key is counted, not the value, so it costs one hash and one count an event.
 */
import { fnv1a32 } from '../core/features/fnv.ts'
import type { RecordBatch } from './records.ts'

/** Keys share a slot with one in so many others: then they are taken for one. */
const slots = 16_384
/** After so many events all counts are halved, so what is limited is the share of about the last twice as many. */
const halvedEvery = 8192
/** Any key may have so many in a window, whatever its share: of few events each has a large one. */
const always = 8

export class KeyShare {
  private readonly most: number
  private readonly counts = new Int32Array(slots)
  private total = 0
  private untilHalved = halvedEvery

  /** `most`: above 0 and at most 1. */
  constructor(most: number) {
    this.most = most
  }

  /** Whether the event is to be learned; if so it is counted. One without a key is nobody's, and always is. */
  admits({ bytes, keyStart, keyLength }: Pick<RecordBatch, 'bytes' | 'keyStart' | 'keyLength'>, i: number): boolean {
    const length = keyLength[i]
    if (length >= 0) {
      const hash = fnv1a32(bytes, keyStart[i], keyStart[i] + length)
      // The finaliser's first step: FNV's low bits alone hardly know the first bytes.
      const slot = (hash ^ (hash >>> 15)) & (slots - 1)
      if (this.counts[slot] >= Math.max(always, this.most * this.total)) return false
      this.counts[slot]++
    }
    this.total++
    if (--this.untilHalved === 0) this.halve()
    return true
  }

  private halve(): void {
    const { counts } = this
    for (let slot = 0; slot < slots; slot++) counts[slot] >>= 1
    this.total /= 2
    this.untilHalved = halvedEvery
  }
}
